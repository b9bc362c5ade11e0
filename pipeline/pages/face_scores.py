"""The scores of single faces, from the tables of the three scoring stages."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wnet.figures.choice import ranked
from wnet.metrics.paired import Paired, compare
from wnet.metrics.scores import STAGES, Score
from wnet.metrics.settings import Intervals


@dataclass(frozen=True, kw_only=True)
class FaceScore:
    """One score of every test face: bicubic and network are (N,), NaN if not measured.

    If bicubic interpolation itself was evaluated, both are its scores.
    """

    score: Score
    bicubic: np.ndarray
    network: np.ndarray

    @property
    def gain(self) -> np.ndarray:
        """(N,) network minus bicubic; NaN for a face that equals its original in both."""
        with np.errstate(invalid="ignore"):
            return self.network - self.bicubic

    def compared(self, intervals: Intervals) -> Paired:
        """The network compared with bicubic interpolation."""
        return compare(self.network, self.bicubic, self.score.higher_is_better, intervals)

    @property
    def merit(self) -> np.ndarray:
        """(N,) the network's score, negated if lower is better."""
        return self.network if self.score.higher_is_better else -self.network

    @property
    def best_first(self) -> np.ndarray:
        """Indices of the faces whose score by the network is finite, the best first."""
        return ranked(self.merit)


def read_face_scores(
    results: Path, scores: Iterable[Score]
) -> tuple[list[str], dict[str, FaceScore]]:
    """Names of the faces, and the requested scores, by their columns."""
    head, *rows = _merged(results)
    table = np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows])
    by_column = dict(zip(head[1:], table.T, strict=True))
    found = {
        score.column: FaceScore(
            score=score,
            bicubic=by_column[f"bicubic_{score.column}"],
            network=by_column.get(f"sr_{score.column}", by_column[f"bicubic_{score.column}"]),
        )
        for score in scores
    }
    return [row[0] for row in rows], found


def merged_tables(results: Path) -> str:
    """Every score of every face as one CSV, with the cells as the scoring stages wrote them."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(_merged(results))
    return file.getvalue()


def _merged(results: Path) -> list[list[str]]:
    """Header and rows of all tables, side by side."""
    tables = [_rows(results / f"{stage}.csv") for stage in STAGES]
    if len({tuple(row[0] for row in rows) for rows in tables}) > 1:
        raise ValueError(f"the tables in {results} have different faces; run `dvc repro`")
    return [
        [parts[0][0], *(cell for part in parts for cell in part[1:])]
        for parts in zip(*tables, strict=True)
    ]


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))
