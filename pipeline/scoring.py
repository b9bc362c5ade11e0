"""The common part of the scoring stages: scores of both methods, as rows and as means."""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.tables import as_csv, mean
from wnet.metrics.scores import Identities, Pictures, Points, Score, headline, scores_of

Scored = Mapping[str, Mapping[Score, np.ndarray]]
"""The scores of a stage for every face, by method."""
Means = Mapping[str, Mapping[Score, float | None]]


def scored(
    stage: str,
    compared: Mapping[str, Pictures | Points | Identities],
    variants: Mapping[str, Sequence[str]],
) -> Scored:
    """Measure all scores of a stage on the results of each method."""
    scores = scores_of(stage, variants)
    return {
        method: {score: score.of(made) for score in scores} for method, made in compared.items()
    }


def rows_of(names: Sequence[str], scores: Scored) -> str:
    """A CSV with a row per face and a column for each method and score."""
    columns = {
        f"{method}_{score.column}": values
        for method, by_score in scores.items()
        for score, values in by_score.items()
    }
    return as_csv(names, columns)


def means_of(scores: Scored, known: np.ndarray) -> Means:
    """Means over the faces that are `known`, (N,) bool; sums for counted scores."""
    return {
        method: {score: summary(score, values[known]) for score, values in by_score.items()}
        for method, by_score in scores.items()
    }


def summary(score: Score, values: np.ndarray) -> float | None:
    """The mean, or the sum of a counted score, over all faces."""
    return int(np.nansum(values)) if score.counted else mean(values)


def first(by_score: Mapping[Score, np.ndarray], key: str) -> np.ndarray:
    """The score with a key, in its first variant, for every face."""
    return next(values for score, values in by_score.items() if score.key == key)


def as_tree(means: Means) -> dict:
    """The nested form of metrics files: method, key, and variant if the score has variants."""
    tree: dict = {method: {} for method in means}
    for method, by_score in means.items():
        for score, value in by_score.items():
            if score.variant is None:
                tree[method][score.key] = value
            else:
                tree[method].setdefault(score.key, {})[score.variant] = value
    return tree


def headline_of(means: Means) -> dict:
    """The tree of the main scores."""
    return as_tree(
        {method: {score: of[score] for score in headline(of)} for method, of in means.items()}
    )
