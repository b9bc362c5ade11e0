"""The figures that the paper reports, as rows of its tables, and a place for ours beside them.

Source: arXiv 2406.00676, Table 1 and Table 2, as far as the text at hand holds them; a figure that
it does not hold is None, never a guess. Table 2 does not say in which mode its networks were
trained. The two SSIM of bicubic interpolation by 8 look exchanged between CelebA and Helen; they
stand here as printed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

URL = "https://arxiv.org/abs/2406.00676"
SOURCE = "arXiv 2406.00676"
HR_SIDE = 128
TEST_SETS = {"celeba": "CelebA", "helen": "Helen"}

Figures = tuple[Decimal | float | str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of Table 1 (PSNR in dB, SSIM, LPIPS) or 2 (Euclidean distance in px, cosine).

    Attributes:
        test_set: on which faces; scale: enlarged how many times.
        note: how the method was trained, or on which data we ran it.
        figures: one a column; the paper's with its digits. A text says why there is no number,
            None that we do not have it.
    """

    origin: Literal["paper", "ours"]
    test_set: str
    scale: int
    method: str
    note: str
    figures: Figures


def _rows(method: str, note: str, lines: dict[tuple[str, int], str]) -> tuple[Row, ...]:
    return tuple(
        Row(
            origin="paper",
            test_set=test_set,
            scale=scale,
            method=method,
            note=note,
            figures=tuple(None if word == "-" else Decimal(word) for word in line.split()),
        )
        for (test_set, scale), line in lines.items()
    )


TABLE_1 = (
    *_rows(
        "Bicubic",
        "",
        {
            ("CelebA", 4): "27.38 - -",
            ("CelebA", 8): "23.46 0.6776 -",
            ("Helen", 8): "- 0.6396 -",
        },
    ),
    *_rows(
        "W-Net",
        "training mode I",
        {
            ("CelebA", 4): "31.77 0.9032 0.0482",
            ("CelebA", 8): "27.54 0.8041 0.0908",
            ("Helen", 4): "32.32 0.9251 0.0491",
            ("Helen", 8): "27.26 0.8121 0.1046",
        },
    ),
    *_rows(
        "W-Net",
        "training mode II",
        {
            ("CelebA", 4): "31.63 0.9029 0.0425",
            ("CelebA", 8): "27.40 0.8014 0.0760",
            ("Helen", 4): "31.83 0.9181 0.0483",
            ("Helen", 8): "27.05 0.8058 0.1028",
        },
    ),
)
TABLE_2 = (
    *_rows("Bicubic", "", {("CelebA", 4): "11.06 0.734", ("CelebA", 8): "22.23 0.368"}),
    *_rows(
        "W-Net",
        "",
        {
            ("CelebA", 4): "6.98 0.8697",
            ("CelebA", 8): "10.17 0.5861",
            ("Helen", 4): "8.95 0.8690",
            ("Helen", 8): "13.28 0.6545",
        },
    ),
)
LPIPS_SCALE = (
    "The paper’s LPIPS is on a scale of its own and compares with none of ours: it prints 0.1857"
    " for bicubic ×4, where AlexNet, version 0.1, gives 0.31 on DIC’s crops of CelebA."
)
TABLES = {
    ("psnr", "ssim", "lpips"): TABLE_1,
    ("landmark_distance", "identity_similarity"): TABLE_2,
}
"""By the keys, in wnet.metrics.scores, of what they report on."""


def paper_test_set(dataset: str, scale: int, hr_side: int) -> str | None:
    """Which of the paper's test sets a data set is, by its name; None where none compares.

    Scores of faces of another size, or enlarged by another factor, do not compare.
    """
    reported = {(row.test_set, row.scale) for row in TABLE_1}
    test_set = TEST_SETS.get(dataset)
    return test_set if hr_side == HR_SIDE and (test_set, scale) in reported else None


def by_test(rows: Iterable[Row]) -> list[tuple[str, int, list[Row]]]:
    """Rows grouped by test set and scale: CelebA and Helen first, then the others by name."""
    groups: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.test_set, row.scale), []).append(row)
    known = list(TEST_SETS.values())
    ordered = sorted(groups, key=lambda key: (key[0] not in known, key))
    return [(test_set, scale, groups[test_set, scale]) for test_set, scale in ordered]
