"""The charts of a comparison: the paper's Fig. 6 with all methods, and score against cost."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.pages.comparison import Comparison, Contender
from pipeline.pages.data_address import data_address
from pipeline.pages.similarity import CAPTION, similarity_curves
from wnet.figures.costs import CostChart, Costly, draw_costs
from wnet.figures.curves import draw_chart
from wnet.figures.theme import BICUBIC, DARK, LIGHT, Theme

IDENTITY = "identity_similarity"


@dataclass(frozen=True, kw_only=True)
class PagedChart:
    """A chart embedded in the page, as data: addresses for light and for dark pages."""

    caption: str
    alt: str
    light: str
    dark: str


def similarity_chart(comparison: Comparison) -> PagedChart | None:
    """The paper's Fig. 6 with all methods; None if no face has an identity."""
    faces = {one.title: one.faces.get(IDENTITY, np.empty(0)) for one in comparison.contenders}
    found = similarity_curves(faces, _colours(comparison))
    if found is None:
        return None
    chart, alt = found
    return _paged(CAPTION, alt, lambda theme: draw_chart(chart, theme))


def cost_charts(comparison: Comparison) -> list[PagedChart]:
    """The first score against parameters and against operations per face; none without networks."""
    score, free = comparison.headline[0], comparison.contenders[-1]
    named = (
        ("parameters", "parameters", lambda one: one.parameters),
        ("operations", "operations per face", lambda one: one.operations),
    )
    return [
        _costs(comparison, f"{score.label} and {what}", label, cost_of)
        for what, label, cost_of in named
        if comparison.networks
        and free.means[score.column] is not None
        and all(one.means[score.column] is not None for one in comparison.networks)
    ]


def _costs(
    comparison: Comparison, caption: str, label: str, cost_of: Callable[[Contender], int]
) -> PagedChart:
    score, free = comparison.headline[0], comparison.contenders[-1]
    colours = _colours(comparison)
    chart = CostChart(
        methods=tuple(
            Costly(
                label=one.title,
                cost=cost_of(one),
                score=one.means[score.column],
                colour=colours[one.title],
            )
            for one in comparison.networks
        ),
        free=(free.title, free.means[score.column]),
        x_label=label,
        y_label=score.heading,
    )
    said = [f"{one.label}: {one.score:.{score.digits}f} for {one.cost:,}" for one in chart.methods]
    said.append(f"{free.title}: {chart.free[1]:.{score.digits}f} for none")
    return _paged(caption, "; ".join(said), lambda theme: draw_costs(chart, theme))


def _colours(comparison: Comparison) -> dict[str, int]:
    """Indices in Theme.series by title; bicubic interpolation has the same colour on every page."""
    others = [place for place in range(len(LIGHT.series)) if place != BICUBIC]
    colours = {
        one.title: others[place % len(others)] for place, one in enumerate(comparison.networks)
    }
    return colours | {comparison.contenders[-1].title: BICUBIC}


def _paged(caption: str, alt: str, draw: Callable[[Theme], bytes]) -> PagedChart:
    light, dark = (data_address("png", draw(theme)) for theme in (LIGHT, DARK))
    return PagedChart(caption=caption, alt=alt, light=light, dark=dark)
