"""Line charts as PNG bytes: small, labelled at the ends of the curves, without a title."""

import io
from dataclasses import dataclass

import numpy as np

from wnet.figures.theme import Theme

PIXELS, DOTS_PER_INCH = (864, 600), 240
_TEXT, _LABEL_GAP = 9, 0.085  # points; the least distance of labels, as a share of the height
_FEW = 12  # points of a curve that are marked one by one


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line: x and y are (N,), and colour is a place in Theme.series."""

    label: str
    x: np.ndarray
    y: np.ndarray
    colour: int


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Curves over common axes; `dot` marks the point (x, y) of the first curve with its y."""

    curves: tuple[Curve, ...]
    x_label: str
    y_label: str
    logarithmic: bool
    whole_x: bool
    dot: tuple[float, float] | None


def draw_chart(chart: Chart, theme: Theme) -> bytes:
    """Draw a chart of PIXELS; equal charts give equal bytes.

    A logarithmic axis is used only where every value is above 0. Several curves are labelled at
    their right ends. The user's matplotlibrc has no influence.
    """
    from matplotlib import style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with style.context(["default", {"font.family": "DejaVu Sans", "font.size": _TEXT}]):
        figure = Figure(
            figsize=[side / DOTS_PER_INCH for side in PIXELS],
            dpi=DOTS_PER_INCH,
            facecolor=theme.surface,
        )
        several = len(chart.curves) > 1
        axes = figure.add_axes((0.145, 0.165, 0.6 if several else 0.805, 0.7))
        _dress(axes, chart, theme)
        for curve in reversed(chart.curves):  # the first one on top
            marker = "o" if len(curve.x) <= _FEW else ""
            colour = theme.series[curve.colour]
            axes.plot(curve.x, curve.y, color=colour, lw=1.6, marker=marker, ms=2.6, clip_on=False)
        if several:
            _label_ends(axes, chart, theme)
        if chart.dot is not None:
            _mark(axes, chart.dot, theme)
        file = io.BytesIO()
        FigureCanvasAgg(figure).print_png(file, metadata={"Software": None})
    return file.getvalue()


def spread(wanted: np.ndarray, gap: float, low: float, high: float) -> np.ndarray:
    """Move positions (N,) as little as a sweep up and one down need for `gap` between any two.

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


def _dress(axes, chart: Chart, theme: Theme) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_facecolor(theme.surface)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(theme.rule)
    axes.grid(axis="y", color=theme.rule, lw=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", length=0, labelcolor=theme.muted, labelsize=_TEXT - 0.5, pad=5)
    axes.set_xlabel(chart.x_label, color=theme.muted, loc="right", labelpad=3)
    axes.text(
        -0.13, 1.09, chart.y_label, transform=axes.transAxes, color=theme.ink, va="center"
    )  # where a rotated label would make the reader tilt the head
    axes.margins(x=0.02, y=0.08)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=chart.whole_x))
    _scale_y(axes, chart)


def _scale_y(axes, chart: Chart) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

    values = np.concatenate([curve.y for curve in chart.curves])
    if chart.logarithmic and (values > 0).all():
        axes.set_yscale("log")
        ratio = values.max() / values.min()
        steps = (1,) if ratio > 30 else (1, 2, 5) if ratio > 4 else range(1, 10)
        axes.yaxis.set_major_locator(LogLocator(subs=steps))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.ticklabel_format(axis="y", style="plain", useOffset=False)


def _label_ends(axes, chart: Chart, theme: Theme) -> None:
    axes.autoscale_view()  # which matplotlib else puts off, and the ends are where it puts them
    ends = [(curve.x[-1], curve.y[-1]) for curve in chart.curves]
    heights = axes.transAxes.inverted().transform(axes.transData.transform(ends))[:, 1]
    for curve, height in zip(chart.curves, spread(heights, _LABEL_GAP, 0, 1), strict=True):
        axes.text(
            1.04,
            height,
            curve.label,
            transform=axes.transAxes,
            color=theme.series[curve.colour],
            va="center",
        )


def _mark(axes, dot: tuple[float, float], theme: Theme) -> None:
    x, y = dot
    axes.plot([x], [y], "o", color=theme.series[0], ms=7.5, mec=theme.surface, mew=1.5, zorder=3)
