"""The common style of all charts: small PNGs in the colours of the page, without a title."""

import io
from collections.abc import Callable

import numpy as np

from wnet.figures.theme import Theme

PIXELS, DOTS_PER_INCH = (864, 600), 240
TEXT, LABEL_GAP = 9, 0.085  # points; least distance between labels, as a fraction of the height


def drawn(
    fill: Callable, theme: Theme, x_label: str, y_label: str, labels_at_the_right: bool
) -> bytes:
    """Draw a chart of PIXELS as PNG: `fill` draws on the axes. The user's matplotlibrc is ignored.

    Equal content gives equal bytes.
    """
    from matplotlib import style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with style.context(["default", {"font.family": "DejaVu Sans", "font.size": TEXT}]):
        figure = Figure(
            figsize=[side / DOTS_PER_INCH for side in PIXELS],
            dpi=DOTS_PER_INCH,
            facecolor=theme.surface,
        )
        axes = figure.add_axes((0.145, 0.165, 0.6 if labels_at_the_right else 0.805, 0.7))
        axes.set_facecolor(theme.surface)
        for side, spine in axes.spines.items():
            spine.set_visible(side == "bottom")
            spine.set_color(theme.rule)
        axes.grid(axis="y", color=theme.rule, lw=0.7)
        axes.set_axisbelow(True)
        axes.tick_params(
            which="both", length=0, labelcolor=theme.muted, labelsize=TEXT - 0.5, pad=5
        )
        axes.set_xlabel(x_label, color=theme.muted, loc="right", labelpad=3)
        axes.text(
            -0.13, 1.09, y_label, transform=axes.transAxes, color=theme.ink, va="center"
        )  # above the axis, horizontal, so that it is easy to read
        fill(axes)
        file = io.BytesIO()
        FigureCanvasAgg(figure).print_png(file, metadata={"Software": None})
    return file.getvalue()


def heights_of(axes, points) -> np.ndarray:
    """The heights (N,) of data points (N, 2) in the axes, from 0 at the bottom to 1."""
    axes.autoscale_view()  # matplotlib delays this, and it moves the points
    return axes.transAxes.inverted().transform(axes.transData.transform(points))[:, 1]


def plain_ticks(axis, count: int) -> None:
    """Round numbers along an axis, written in full."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(count))
    axis.axes.ticklabel_format(axis=axis.axis_name, style="plain", useOffset=False)


def label_room(count: int) -> tuple[float, float]:
    """The gap between so many labels, as a fraction of the height, and their size in points."""
    gap = min(LABEL_GAP, 1 / max(count - 1, 1))
    return gap, TEXT * gap / LABEL_GAP


def spread(wanted: np.ndarray, gap: float, low: float, high: float) -> np.ndarray:
    """Move positions (N,) apart, by one sweep up and one down, to have `gap` between any two.

    They stay within low and high if there is room, and keep their order.
    """
    order = np.argsort(wanted, kind="stable")
    places = np.clip(wanted, low, high)[order].astype(float)
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + gap)
    ceiling = high
    for i in reversed(range(len(places))):
        places[i] = min(places[i], ceiling)
        ceiling = places[i] - gap
    spread_out = np.empty_like(places)
    spread_out[order] = places
    return spread_out
