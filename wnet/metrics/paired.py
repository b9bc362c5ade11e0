"""Comparison of methods face by face: mean differences with intervals and verdicts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from wnet.metrics.settings import Intervals

CONFIDENCE = 0.95
FEW = 30  # faces; with fewer, a verdict is not reliable
DRAWS = 4_000_000  # at a time; limits the memory
BETTER, WORSE, UNSEEN = "better", "worse", "no difference seen"


@dataclass(frozen=True, kw_only=True)
class Paired:
    """One method compared with another, on the faces for which both have a score.

    Attributes:
        faces: the number of these faces.
        difference: mean of the first method minus the second, over the faces where the difference
            is finite; NaN if there are none.
        low, high: the ends of its 95 % interval; NaN with fewer than two faces.
        won, lost: the fractions of faces on which the first is better, and worse; others are ties.
    """

    higher_is_better: bool
    faces: int
    difference: float
    low: float
    high: float
    won: float
    lost: float

    @property
    def verdict(self) -> str:
        """`better` or `worse` for the first method if the interval excludes 0."""
        if self.low > 0 or self.high < 0:
            return BETTER if (self.low > 0) == self.higher_is_better else WORSE
        return UNSEEN

    @property
    def few(self) -> bool:
        """Whether there are too few faces for a reliable verdict."""
        return self.faces < FEW

    @property
    def reversed(self) -> "Paired":
        """The comparison of the second method with the first."""
        return replace(
            self,
            difference=-self.difference,
            low=-self.high,
            high=-self.low,
            won=self.lost,
            lost=self.won,
        )


def compare(first: np.ndarray, second: np.ndarray, higher: bool, intervals: Intervals) -> Paired:
    """Compare the scores of two methods, both (N,), with NaN for a face without a score.

    higher: whether a higher score is better.
    """
    return compare_all({"first": first, "second": second}, higher, intervals)["first", "second"]


def compare_all(
    scores: Mapping[str, np.ndarray], higher: bool, intervals: Intervals
) -> dict[tuple[str, str], Paired]:
    """Compare every two methods, the earlier one first; the scores of each are (N,).

    All pairs with the same faces use the same bootstrap samples.
    """
    pairs = list(combinations(scores, 2))
    if not pairs:
        return {}
    first, second = (np.array([scores[pair[place]] for pair in pairs], float) for place in (0, 1))
    with np.errstate(invalid="ignore"):
        differences = first - second  # inf - inf if both equal the original
    low, high = interval_of_mean(differences, intervals)
    ahead = (first > second) if higher else (first < second)
    compared = ~(np.isnan(first) | np.isnan(second))
    return {
        pair: Paired(
            higher_is_better=higher,
            faces=int(compared[row].sum()),
            difference=_mean(differences[row]),
            low=float(low[row]),
            high=float(high[row]),
            won=_share(ahead[row], compared[row]),
            lost=_share(~ahead[row] & (first[row] != second[row]), compared[row]),
        )
        for row, pair in enumerate(pairs)
    }


def interval_of_mean(values: np.ndarray, intervals: Intervals) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of each row's mean, by the percentile bootstrap: two arrays (P,).

    values: (P, N); those that are not finite are left out. NaN with fewer than two values.
    """
    low, high = np.full((2, len(values)), np.nan)
    known, row_of = np.unique(np.isfinite(values), axis=0, return_inverse=True)
    for number, faces in enumerate(known):
        rows = np.flatnonzero(row_of.ravel() == number)
        if faces.sum() > 1:
            means = np.concatenate(list(_drawn_means(values[rows][:, faces], intervals)), axis=1)
            tail = (1 - CONFIDENCE) / 2
            low[rows], high[rows] = np.quantile(means, (tail, 1 - tail), axis=1)
    return low, high


def _drawn_means(values: np.ndarray, intervals: Intervals) -> Iterator[np.ndarray]:
    """Yield each row's means over N faces drawn with replacement: (P, resamples) in parts."""
    draw, faces = np.random.default_rng(intervals.seed), values.shape[1]
    at_once = max(1, DRAWS // faces)
    for done in range(0, intervals.resamples, at_once):
        count = min(at_once, intervals.resamples - done)
        drawn = draw.integers(faces, size=(count, faces)) + np.arange(count)[:, None] * faces
        times = np.bincount(drawn.ravel(), minlength=count * faces).reshape(count, faces)
        yield values @ times.T / faces


def _mean(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size else np.nan


def _share(chosen: np.ndarray, among: np.ndarray) -> float:
    return float((chosen & among).sum() / among.sum()) if among.any() else np.nan
