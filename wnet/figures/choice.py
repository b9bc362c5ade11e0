"""The choice of faces to show: the best, the worst, or some evenly spread by rank."""

import numpy as np


def ranked(values: np.ndarray) -> np.ndarray:
    """Indices of the finite values, the highest first. Ties keep their order."""
    known = np.flatnonzero(np.isfinite(values))
    return known[np.argsort(-values[known], kind="stable")]


def drawn(length: int, count: int, seed: int) -> np.ndarray:
    """Indices of up to `count` of `length` faces, drawn by the seed alone, in their order."""
    return np.sort(np.random.default_rng(seed).permutation(length)[:count])


def evenly_ranked(values: np.ndarray, count: int) -> np.ndarray:
    """Indices of up to `count` values, evenly spread by rank from the highest to the lowest.

    Values that are not finite are left out, unless there are no others. Ties keep their order.
    """
    order = ranked(values)
    if not order.size:
        return np.arange(min(count, len(values)))
    if count == 1:
        return order[[len(order) // 2]]
    places = np.rint(np.linspace(0, len(order) - 1, min(count, len(order)))).astype(int)
    return order[places]
