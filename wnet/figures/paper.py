"""The scores that the paper reports, as rows of its tables, and ours beside them.

Source: arXiv 2406.00676, Table 1 and Table 2. Table 2 does not say in which mode its networks were
trained. The two SSIM values of bicubic interpolation at x8 seem swapped between CelebA and Helen;
they are given here as printed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

URL = "https://arxiv.org/abs/2406.00676"
SOURCE = "arXiv 2406.00676"
HR_SIDE = 128
TEST_SETS = {"celeba": "CelebA", "helen": "Helen"}
TESTS = (("CelebA", 4), ("CelebA", 8), ("Helen", 4), ("Helen", 8))

Figures = tuple[Decimal | float | str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of Table 1 (PSNR in dB, SSIM, LPIPS) or 2 (Euclidean distance in px, cosine).

    Attributes:
        test_set: the faces; scale: the factor of enlargement.
        note: how the method was trained, or on which data we ran it.
        figures: one per column, the paper's with its digits. If ours has none, a text says why,
            or None means that no face could be scored.
    """

    origin: Literal["paper", "ours"]
    test_set: str
    scale: int
    method: str
    note: str
    figures: Figures


def _read(table: str) -> tuple[Row, ...]:
    """Parse lines of method, training mode and the figures for each of TESTS, as printed."""
    rows = []
    for line in table.strip().splitlines():
        method, mode, *tests = (part.strip() for part in line.split("|"))
        rows += [
            Row(
                origin="paper",
                test_set=test_set,
                scale=scale,
                method=method,
                note=f"training mode {mode}" if mode else "",
                figures=tuple(map(Decimal, figures.split())),
            )
            for (test_set, scale), figures in zip(TESTS, tests, strict=True)
        ]
    return tuple(rows)


TABLE_1 = _read("""
Bicubic |  | 27.38 0.8002 0.1857 | 23.46 0.6776 0.2699 | 28.12 0.8423 0.1771 | 23.80 0.6396 0.2560
SRCNN | I | 28.01 0.8332 0.1489 | 24.01 0.6747 0.2559 | 28.69 0.8715 0.0558 | 24.31 0.6780 0.2471
EDSR | I | 31.50 0.9001 0.0513 | 26.99 0.7790 0.1144 | 31.85 0.9128 0.0579 | 26.57 0.7843 0.1442
FSRNet | I | 31.37 0.9012 0.0501 | 26.86 0.7714 0.1098 | 31.97 0.9188 0.0553 | 26.49 0.7802 0.1382
DIC | I | 31.58 0.9015 0.0532 | 27.35 0.8019 0.0902 | 32.01 0.9223 0.0587 | 26.98 0.8015 0.1158
MRRNet | I | 30.20 0.8687 0.0278 | 26.09 0.7430 0.0592 | 31.10 0.9013 0.0328 | 26.54 0.7810 0.0619
W-Net | I | 31.77 0.9032 0.0482 | 27.54 0.8041 0.0908 | 32.32 0.9251 0.0491 | 27.26 0.8121 0.1046
SRGAN | II | 31.05 0.8880 0.0459 | 26.63 0.7628 0.1043 | 31.01 0.9002 0.0499 | 25.83 0.7491 0.1109
SPARNet | II | 31.52 0.9005 0.0593 | 27.29 0.7965 0.1088 | 31.72 0.9171 0.0682 | 26.95 0.8029 0.1169
SISN | II | 31.55 0.9010 0.0587 | 26.83 0.7786 0.1044 | 31.73 0.9163 0.0708 | 26.07 0.7680 0.1305
WIPA | II | 30.35 0.8711 0.0619 | 26.23 0.7652 0.0961 | 30.47 0.8923 0.0738 | 26.75 0.7514 0.1202
MRRNet | II | 30.48 0.8720 0.0374 | 25.94 0.7417 0.0562 | 30.80 0.8951 0.0456 | 26.20 0.7731 0.0661
UFSRNet | II | 31.42 0.8987 0.0643 | 27.10 0.7887 0.0791 | 31.64 0.9159 0.0704 | 26.99 0.8031 0.1218
W-Net | II | 31.63 0.9029 0.0425 | 27.40 0.8014 0.0760 | 31.83 0.9181 0.0483 | 27.05 0.8058 0.1028
""")
TABLE_2 = _read("""
Bicubic |  | 11.06 0.7339 | 22.23 0.3680 | 11.74 0.7767 | 24.15 0.3858
SPARNet |  | 7.58 0.8413 | 11.12 0.5744 | 9.07 0.8612 | 13.91 0.6483
SRGAN |  | 7.65 0.8306 | 11.72 0.5465 | 9.00 0.8516 | 16.43 0.5584
MRRNet |  | 7.72 0.8267 | 12.15 0.5795 | 9.22 0.8660 | 14.30 0.6810
UFSRNet |  | 7.59 0.8371 | 11.96 0.5530 | 9.08 0.8683 | 13.34 0.6360
W-Net |  | 6.98 0.8697 | 10.17 0.5861 | 8.95 0.8690 | 13.28 0.6545
""")
LPIPS_SCALE = (
    "The paper’s LPIPS is on a scale of its own and compares with none of ours: it prints 0.1857"
    " for bicubic ×4, where AlexNet, version 0.1, gives 0.31 on DIC’s crops of CelebA."
)
TABLES = {
    ("psnr", "ssim", "lpips"): TABLE_1,
    ("landmark_distance", "identity_similarity"): TABLE_2,
}
"""The paper's tables, by the key of their score in wnet.metrics.scores."""


def paper_test_set(dataset: str, scale: int, hr_side: int) -> str | None:
    """The paper's test set with a dataset's name; None if no test set is comparable.

    Scores of faces of another size or scale are not comparable.
    """
    test_set = TEST_SETS.get(dataset)
    return test_set if hr_side == HR_SIDE and (test_set, scale) in TESTS else None


def beside_ours(reported: Sequence[Row], ours: Sequence[Row]) -> list[tuple[str, int, list[Row]]]:
    """For each test set and scale that we have rows for: the paper's rows, then ours."""
    rows = [*reported, *ours]
    return [
        (*test, [row for row in rows if (row.test_set, row.scale) == test])
        for test in TESTS
        if any((row.test_set, row.scale) == test for row in ours)
    ]
