"""The scores of one evaluation as the pages show them: headline figures, rows beside the paper's."""

import json
from dataclasses import dataclass
from pathlib import Path

from pipeline import schema
from pipeline.tables import DECIMALS
from wnet.figures.paper import Row, paper_test_set

KINDS = ("quality", "landmarks", "identity")
DRAWN = "sample"  # the data set that the stage `synthesize` draws; all others are photographs


@dataclass(frozen=True, kw_only=True)
class Scores:
    """What the three scoring stages wrote of one evaluation."""

    quality: dict
    landmarks: dict
    identity: dict

    @property
    def protocol(self) -> str:
        """The first protocol of quality.protocols: the one of the headline and of Table 1."""
        return next(iter(self.quality["sr"]))


@dataclass(frozen=True, kw_only=True)
class Headline:
    """One score of the network and of bicubic interpolation; None where nothing was scored."""

    label: str
    unit: str
    digits: int
    higher_is_better: bool
    network: float | None
    bicubic: float | None

    @property
    def difference(self) -> float | None:
        """Network minus bicubic."""
        if self.network is None or self.bicubic is None:
            return None
        return round(self.network - self.bicubic, DECIMALS)

    @property
    def verdict(self) -> str:
        """better, worse or equal, in the digits shown."""
        shown = round(self.difference, self.digits)
        if shown == 0:
            return "equal"
        return "better" if (shown > 0) == self.higher_is_better else "worse"


def read_metrics(path: Path) -> dict:
    """Read a metrics file; one that is not there is an error that says what to do."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: no such file; run `dvc repro`") from error


def read_scores(metrics: Path, name: str) -> Scores:
    """The scores of the evaluation `name` in the folder of all metrics."""
    return Scores(**{kind: read_metrics(metrics / kind / f"{name}.json") for kind in KINDS})


def headlines(scores: Scores) -> list[Headline]:
    """PSNR, SSIM, landmark distance and identity similarity."""
    protocol, (bicubic, sr) = scores.protocol, _methods(scores)
    rows = (
        ("PSNR", "dB", 2, True, "psnr"),
        ("SSIM", "", 4, True, "ssim"),
        ("Landmark distance", "px", 2, False, "euclidean"),
        ("Identity similarity", "", 4, True, "similarity"),
    )
    return [
        Headline(
            label=f"{label}, {protocol}" if key in ("psnr", "ssim") else label,
            unit=unit,
            digits=digits,
            higher_is_better=higher,
            network=sr[key],
            bicubic=bicubic[key],
        )
        for label, unit, digits, higher, key in rows
    ]


def our_rows(name: str, item: schema.Evaluation, hr_side: int, scores: Scores) -> list[list[Row]]:
    """Our rows of Table 1 and of Table 2.

    They join the rows of one of the paper's test sets only where the data set is named after it,
    and size and scale are the paper's.
    """
    faces = f"{hr_side}-px drawn faces" if item.dataset == DRAWN else f"{hr_side} px"
    own = f"{item.dataset}, {faces}"
    test_set = paper_test_set(item.dataset, item.scale, hr_side) or own
    data = f"data set {item.dataset}, split {item.split}"
    lpips = scores.quality["lpips"]
    tables: list[list[Row]] = [[], []]
    for method, note, score in zip(
        ("Bicubic", "W-Net"), (data, f"{name}; {data}"), _methods(scores), strict=True
    ):
        columns = (
            (score["psnr"], score["ssim"], lpips),
            (score["euclidean"], score["similarity"]),
        )
        for table, figures in zip(tables, columns, strict=True):
            table.append(
                Row(
                    origin="ours",
                    test_set=test_set,
                    scale=item.scale,
                    method=method,
                    note=note,
                    figures=figures,
                )
            )
    return tables


def _methods(scores: Scores) -> list[dict]:
    """All headline scores by name: of bicubic interpolation, then of the network."""
    return [
        scores.quality[method][scores.protocol]
        | scores.landmarks[method]
        | scores.identity[method]
        for method in ("bicubic", "sr")
    ]
