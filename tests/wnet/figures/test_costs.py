"""Charts of scores over costs: positions and colours of methods, and identical bytes."""

import io

import matplotlib
import numpy as np
import pytest
from PIL import Image

from wnet.figures.axes import PIXELS
from wnet.figures.costs import CostChart, Costly, draw_costs
from wnet.figures.theme import BICUBIC, DARK, LIGHT


def chart(*costs):
    methods = tuple(
        Costly(label=f"method {place}", cost=cost, score=20.0 + place, colour=(0, 2, 3, 4)[place])
        for place, cost in enumerate(costs)
    )
    return CostChart(methods=methods, free=("free", 19.0), x_label="cost", y_label="score")


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_dearer_methods_are_further_right_and_better_ones_higher(theme):
    picture = Image.open(io.BytesIO(draw_costs(chart(1e3, 1e6, 1e4), theme))).convert("RGB")
    picture = np.asarray(picture)
    assert picture.shape == (PIXELS[1], PIXELS[0], 3)
    found = {}
    for place in (0, 2, 3):
        colour = [int(theme.series[place][i : i + 2], 16) for i in (1, 3, 5)]
        hit = (picture[:, : PIXELS[0] * 7 // 10] == colour).all(axis=2)
        dense = np.array([hit[:, x : x + 8].sum() for x in range(hit.shape[1])])
        found[place] = (dense.argmax(), np.median(np.flatnonzero(hit.any(axis=1))))
    assert found[0][0] < found[3][0] < found[2][0]
    assert found[0][1] > found[2][1] > found[3][1]
    dashes = [int(theme.series[BICUBIC][i : i + 2], 16) for i in (1, 3, 5)]
    assert (picture == dashes).all(axis=2).any()


@pytest.mark.parametrize("drawn", [chart(5.0), chart(5.0, 5.0), chart(1.0, 1e9)])
def test_the_same_bytes_under_any_matplotlibrc(drawn):
    first = draw_costs(drawn, LIGHT)
    with matplotlib.rc_context({"lines.linewidth": 9, "axes.grid": True}):
        assert draw_costs(drawn, LIGHT) == first
