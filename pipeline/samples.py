"""Faces of one evaluation, paired by name from all the places where their data lies."""

import csv
from pathlib import Path

import numpy as np

from pipeline.tables import METHODS, as_csv
from wnet.data.shards import Shards, read_shard
from wnet.figures.choice import evenly_ranked
from wnet.figures.face_row import Face

TABLES = ("quality", "landmarks", "identity")


class Faces:
    """The test faces of one evaluation.

    Attributes:
        gains: (N,) PSNR of the network over that of bicubic interpolation, dB.
        sides: pixels of an LR and of an HR face.
    """

    def __init__(
        self, results: Path, crops: Path, pyramid: Path, reference: Path, scale: int, protocol: str
    ):
        self._crops, self._pyramid = crops, pyramid
        self._scale = scale
        self._results = read_shard(results / "sr.h5")
        self._points = read_shard(reference, "name", "points")
        names, scored = _read(results / "quality.csv")
        self._psnr = [scored[f"{method}_{protocol}_psnr"] for method in METHODS]
        if not list(names) == list(self._results["name"]) == list(self._points["name"]):
            raise ValueError(f"{results} and {reference} hold different faces; run `dvc repro`")
        with np.errstate(invalid="ignore"):  # a face equal to its original both times: inf - inf
            self.gains = self._psnr[1] - self._psnr[0]
        self.sides = (self._results["lr"].shape[1], self._results["sr"].shape[1])

    def spread_by_gain(self, count: int) -> list[Face]:
        """Up to `count` faces, evenly spread by rank of gain: the best first, the worst last."""
        chosen = evenly_ranked(self.gains, count)
        names = [self._results["name"][index] for index in chosen]
        skin = f"skin_x{self._scale}"
        hr = Shards(self._crops).take(names, "hr")["hr"]
        true = Shards(self._pyramid).take(names, skin)[skin]
        return [
            Face(
                name=self._results["name"][index],
                lr=self._results["lr"][index],
                bicubic=self._results["bicubic"][index],
                sr=self._results["sr"][index],
                hr=hr[place],
                estimated=self._results["parsing"][index],
                true=true[place],
                points=self._points["points"][index],
                bicubic_psnr=float(self._psnr[0][index]),
                sr_psnr=float(self._psnr[1][index]),
            )
            for place, index in enumerate(chosen)
        ]


def merged_tables(results: Path) -> str:
    """Every score of every face as one CSV."""
    tables = [_read(results / f"{table}.csv") for table in TABLES]
    names = tables[0][0]
    if any(list(other) != list(names) for other, _ in tables):
        raise ValueError(f"the tables in {results} hold different faces; run `dvc repro`")
    columns = {key: values for _, table in tables for key, values in table.items()}
    return as_csv(names, columns)


def _read(path: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """Names and columns of a table of scores; NaN where a cell is empty."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    keys = [key for key in rows[0] if key != "name"]
    return [row["name"] for row in rows], {
        key: np.array([float(row[key] or "nan") for row in rows]) for key in keys
    }
