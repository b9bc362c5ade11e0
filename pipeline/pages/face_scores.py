"""The scores of single faces, from the tables that the three scoring stages leave."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.tables import METHODS
from wnet.figures.choice import ranked

TABLES = ("quality", "landmarks", "identity")


@dataclass(frozen=True, kw_only=True)
class FaceScore:
    """One score of every test face: bicubic and network are (N,), NaN where not measured."""

    key: str
    label: str
    unit: str
    digits: int
    higher_is_better: bool
    bicubic: np.ndarray
    network: np.ndarray

    @property
    def title(self) -> str:
        """The label with its unit."""
        return f"{self.label}, {self.unit}" if self.unit else self.label

    @property
    def gain(self) -> np.ndarray:
        """(N,) network minus bicubic; NaN for a face that equals its original both times."""
        with np.errstate(invalid="ignore"):
            return self.network - self.bicubic

    @property
    def merit(self) -> np.ndarray:
        """(N,) of the network: the higher, the better."""
        return self.network if self.higher_is_better else -self.network

    @property
    def best_first(self) -> np.ndarray:
        """Indices of the faces that have a finite score by the network, in order."""
        return ranked(self.merit)


def read_face_scores(
    results: Path, protocol: str, lpips: list[str]
) -> tuple[list[str], list[FaceScore]]:
    """Names of the faces, and PSNR and SSIM by one protocol, LPIPS, landmark distance, identity."""
    columns = [
        ("psnr", f"PSNR ({protocol})", "dB", 2, True, f"{protocol}_psnr"),
        ("ssim", f"SSIM ({protocol})", "", 4, True, f"{protocol}_ssim"),
        *((f"lpips_{net}", f"LPIPS ({net})", "", 4, False, f"lpips_{net}") for net in lpips),
        ("euclidean", "Landmark distance", "px", 2, False, "euclidean"),
        ("similarity", "Identity similarity", "", 4, True, "similarity"),
    ]
    head, *rows = _merged(results)
    table = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
    by_column = dict(zip(head[1:], table.T, strict=True))
    scores = []
    for key, label, unit, digits, higher_is_better, column in columns:
        bicubic, network = (by_column[f"{method}_{column}"] for method in METHODS)
        scores.append(
            FaceScore(
                key=key,
                label=label,
                unit=unit,
                digits=digits,
                higher_is_better=higher_is_better,
                bicubic=bicubic,
                network=network,
            )
        )
    return [row[0] for row in rows], scores


def merged_tables(results: Path) -> str:
    """Every score of every face as one CSV, each cell as the scoring stage wrote it."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(_merged(results))
    return file.getvalue()


def _merged(results: Path) -> list[list[str]]:
    """Head and rows of all tables, side by side."""
    tables = [_rows(results / f"{table}.csv") for table in TABLES]
    if len({tuple(row[0] for row in rows) for rows in tables}) > 1:
        raise ValueError(f"the tables in {results} hold different faces; run `dvc repro`")
    return [
        [parts[0][0], *(cell for part in parts for cell in part[1:])]
        for parts in zip(*tables, strict=True)
    ]


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
