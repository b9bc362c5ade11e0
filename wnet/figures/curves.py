"""Line charts as PNG bytes, labelled at the ends of the curves."""

from dataclasses import dataclass

import numpy as np

from wnet.figures.axes import drawn, heights_of, label_room, plain_ticks, spread
from wnet.figures.theme import Theme

_FEW = 12  # curves with at most so many points have a marker at each


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line: x and y are (N,); colour is an index in Theme.series."""

    label: str
    x: np.ndarray
    y: np.ndarray
    colour: int


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Curves on common axes; `dot` marks a point (x, y) of the first curve, labelled by its y."""

    curves: tuple[Curve, ...]
    x_label: str
    y_label: str
    logarithmic: bool
    whole_x: bool
    dot: tuple[float, float] | None


def draw_chart(chart: Chart, theme: Theme) -> bytes:
    """Draw a chart.

    A logarithmic axis is used only if every value is above 0. If there are several curves, they
    are labelled at their right ends.
    """
    several = len(chart.curves) > 1

    def fill(axes) -> None:
        _scale(axes, chart)
        for curve in reversed(chart.curves):  # so that the first is on top
            marker = "o" if len(curve.x) <= _FEW else ""
            colour = theme.series[curve.colour]
            axes.plot(curve.x, curve.y, color=colour, lw=1.6, marker=marker, ms=2.6, clip_on=False)
        if several:
            _label_ends(axes, chart, theme)
        if chart.dot is not None:
            _mark(axes, chart.dot, theme)

    return drawn(fill, theme, chart.x_label, chart.y_label, labels_at_the_right=several)


def _scale(axes, chart: Chart) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    axes.margins(x=0.02, y=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=chart.whole_x))
    values = np.concatenate([curve.y for curve in chart.curves])
    if chart.logarithmic and (values > 0).all():
        axes.set_yscale("log")
        ratio = values.max() / values.min()
        steps = (1,) if ratio > 30 else (1, 2, 5)
        few = ratio < 10  # powers of ten alone would be too far apart
        axes.yaxis.set_major_locator(MaxNLocator(5) if few else LogLocator(subs=steps))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        plain_ticks(axes.yaxis, 5)


def _label_ends(axes, chart: Chart, theme: Theme) -> None:
    heights = heights_of(axes, [(curve.x[-1], curve.y[-1]) for curve in chart.curves])
    gap, size = label_room(len(chart.curves))
    for curve, height in zip(chart.curves, spread(heights, gap, 0, 1), strict=True):
        axes.text(
            1.04,
            height,
            curve.label,
            transform=axes.transAxes,
            color=theme.series[curve.colour],
            fontsize=size,
            va="center",
        )


def _mark(axes, dot: tuple[float, float], theme: Theme) -> None:
    x, y = dot
    axes.plot([x], [y], "o", color=theme.series[0], ms=7.5, mec=theme.surface, mew=1.5, zorder=3)
