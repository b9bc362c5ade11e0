"""A chart of the score of several methods against their cost, as PNG bytes."""

from dataclasses import dataclass

import numpy as np

from wnet.figures.axes import drawn, heights_of, label_room, plain_ticks, spread
from wnet.figures.theme import BICUBIC, Theme

_ROOM = 0.12  # left and right of the points, as a fraction of the decades between them
_LEAST = 0.5  # the fewest decades shown


@dataclass(frozen=True, kw_only=True)
class Costly:
    """A method: its score, its cost (above 0), and the index of its colour in Theme.series."""

    label: str
    cost: float
    score: float
    colour: int


@dataclass(frozen=True, kw_only=True)
class CostChart:
    """Methods with their costs, and `free`, the label and score of a method without cost."""

    methods: tuple[Costly, ...]
    free: tuple[str, float]
    x_label: str
    y_label: str


def draw_costs(chart: CostChart, theme: Theme) -> bytes:
    """Draw each method as a point over a logarithmic axis of cost, labelled at the right.

    The method without cost is a dashed line.
    """

    def fill(axes) -> None:
        _scale(axes, chart)
        label, score = chart.free
        axes.axhline(score, color=theme.series[BICUBIC], lw=1.2, ls=(0, (4, 3)))
        for one in chart.methods:
            colour = theme.series[one.colour]
            axes.plot([one.cost], [one.score], "o", color=colour, ms=5.5, zorder=3)
        _label(axes, chart, (label, score), theme)

    return drawn(fill, theme, chart.x_label, chart.y_label, labels_at_the_right=True)


def _scale(axes, chart: CostChart) -> None:
    from matplotlib.ticker import EngFormatter, LogLocator, NullLocator

    decades = np.log10([one.cost for one in chart.methods])
    middle, half = (decades.max() + decades.min()) / 2, np.ptp(decades) / 2
    half = max(half * (1 + 2 * _ROOM), _LEAST)
    axes.set_xscale("log")
    axes.set_xlim(10 ** (middle - half), 10 ** (middle + half))
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 3) if half < 1 else (1,)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.margins(y=0.12)
    plain_ticks(axes.yaxis, 5)


def _label(axes, chart: CostChart, free: tuple[str, float], theme: Theme) -> None:
    """Label each point at its height; close labels are moved apart and joined by lines."""
    far = axes.get_xlim()[1]
    marks = [(one.label, one.cost, one.score, one.colour) for one in chart.methods]
    marks.append((free[0], far, free[1], BICUBIC))
    heights = heights_of(axes, [(cost, score) for _, cost, score, _ in marks])
    gap, size = label_room(len(marks))
    for (label, cost, score, colour), height in zip(marks, spread(heights, gap, 0, 1), strict=True):
        shade = theme.series[colour]
        axes.annotate(
            label,
            xy=(cost, score),
            xytext=(1.04, height),
            textcoords="axes fraction",
            color=shade,
            fontsize=size,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": shade, "lw": 0.5, "shrinkA": 1, "shrinkB": 4},
        )
