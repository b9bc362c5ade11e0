"""Every pair of methods by every score, as stored in the metrics and the table of a comparison."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

import numpy as np

from pipeline.tables import DECIMALS
from wnet.metrics.paired import UNSEEN, Paired
from wnet.metrics.scores import Score

BICUBIC = "bicubic"
Pairs = Mapping[tuple[str, str], Mapping[str, Paired]]
"""By the names of the method and of the one it is compared with, and by the scores' columns."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A score of one method compared with another, for pages; `paired` is None if there is none."""

    score: Score
    paired: Paired | None = None

    @property
    def difference(self) -> float | None:
        """The first minus the second, of the means or sums; None if there is none."""
        return self._whole(self.paired.difference) if self.paired else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The ends of the difference's 95 % interval; None if there is none."""
        if self.paired is None or np.isnan(self.paired.low):
            return None
        return self._whole(self.paired.low), self._whole(self.paired.high)

    @property
    def verdict(self) -> str:
        """The verdict on the first method; `unknown` if there is no difference."""
        return "unknown" if self.difference is None else self.paired.verdict

    @property
    def tone(self) -> str:
        """The verdict as a colour; also `equal` if there are too few faces for a verdict."""
        return "equal" if self.paired.few or self.verdict == UNSEEN else self.verdict

    @property
    def faces_won(self) -> int | None:
        """The number of faces on which the first is better; None if there are none."""
        return round(self.paired.won * self.paired.faces) if self._any else None

    @property
    def percent_won(self) -> int | None:
        """The same in %: 0 and 100 only if it is none or all of the faces."""
        if not self._any:
            return None
        won = self.paired.won
        return round(100 * won) if won in (0, 1) else min(max(round(100 * won), 1), 99)

    @property
    def _any(self) -> bool:
        return self.paired is not None and self.paired.faces > 0

    def _whole(self, value: float) -> float | None:
        """A mean over the faces as it is shown: for counted scores, their sum."""
        if np.isnan(value):
            return None
        return round(value * (self.paired.faces if self.score.counted else 1), DECIMALS)


def rows_of(pairs: Pairs, columns: Iterable[str]) -> list[dict]:
    """A row for each pair and score: the rounded values of `Paired` and the verdict; NaN is
    None."""
    return [
        {"first": first, "second": second, "score": column}
        | {field.name: _rounded(getattr(by_score[column], field.name)) for field in fields(Paired)}
        | {"verdict": by_score[column].verdict}
        for (first, second), by_score in pairs.items()
        for column in columns
    ]


def read_pairs(rows: Iterable[Mapping]) -> dict[tuple[str, str], dict[str, Paired]]:
    """The pairs that `rows_of` wrote."""
    pairs: dict[tuple[str, str], dict[str, Paired]] = {}
    for row in rows:
        values = {field.name: row[field.name] for field in fields(Paired)}
        found = {name: np.nan if value is None else value for name, value in values.items()}
        pairs.setdefault((row["first"], row["second"]), {})[row["score"]] = Paired(**found)
    return pairs


def as_csv(rows: Iterable[Mapping]) -> str:
    """The rows as a table."""
    file = io.StringIO()
    head = ["first", "second", "score", *(field.name for field in fields(Paired)), "verdict"]
    writer = csv.DictWriter(file, head, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _rounded(value: float | bool) -> float | bool | None:
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, DECIMALS)
    return value
