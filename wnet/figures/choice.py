"""Which few of many faces to show: spread over the whole range, never only the best."""

import numpy as np


def evenly_ranked(values: np.ndarray, count: int) -> np.ndarray:
    """Indices of up to `count` values, evenly spread by rank from the highest to the lowest.

    Values that are not finite are left out, unless there are no others. Ties keep their order.
    """
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return np.arange(min(count, len(values)))
    ranked = known[np.argsort(-values[known], kind="stable")]
    if count == 1:
        return ranked[[len(ranked) // 2]]
    places = np.rint(np.linspace(0, len(ranked) - 1, min(count, len(ranked)))).astype(int)
    return ranked[places]
