"""The paper's Fig. 6: the share of faces whose identity similarity is above a threshold."""

from collections.abc import Mapping

import numpy as np

from wnet.figures.curves import Chart, Curve
from wnet.metrics.faces import share_above

CAPTION = "Faces above a similarity of identity"
THRESHOLDS = 200
ALIKE = 0.995  # of the faces: where every curve is above it, no two can be distinguished


def similarity_curves(
    similarities: Mapping[str, np.ndarray], colours: Mapping[str, int]
) -> tuple[Chart, str] | None:
    """The chart, from where its curves diverge, and its content in words; None without faces.

    similarities: (N,) to the originals by the method's title, NaN without a face. colours: indices
    in Theme.series.
    """
    known = {title: values for title, values in similarities.items() if np.isfinite(values).any()}
    if not known:
        return None
    # all curves end at 0 at the right, with their labels in this order from the bottom
    known = dict(sorted(known.items(), key=lambda pair: np.nanmedian(pair[1])))
    low = min(np.nanquantile(values, 1 - ALIKE) for values in known.values())
    thresholds = np.linspace(low, max(map(np.nanmax, known.values())), THRESHOLDS)
    chart = Chart(
        curves=tuple(
            Curve(
                label=title,
                x=thresholds,
                y=100 * share_above(values, thresholds),
                colour=colours[title],
            )
            for title, values in known.items()
        ),
        x_label="cosine similarity to the original",
        y_label="faces above, %",
        logarithmic=False,
        whole_x=False,
        dot=None,
    )
    medians = ", ".join(f"{title} {np.nanmedian(values):.3f}" for title, values in known.items())
    alt = f"Share of faces above each threshold; half of the faces are above: {medians}"
    return chart, alt
