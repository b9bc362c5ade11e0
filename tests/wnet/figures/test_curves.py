"""Curves: identical bytes, labels without overlap, distinguishable and readable colours."""

import io
from itertools import pairwise

import matplotlib
import numpy as np
import pytest
from PIL import Image

from wnet.figures.axes import LABEL_GAP, PIXELS, TEXT, label_room, spread
from wnet.figures.curves import Chart, Curve, draw_chart
from wnet.figures.theme import DARK, LIGHT


def chart(values, logarithmic=False, dot=None):
    curves = tuple(
        Curve(label=f"curve {i}", x=np.arange(1.0, len(y) + 1), y=np.array(y, float), colour=i)
        for i, y in enumerate(values)
    )
    return Chart(
        curves=curves, x_label="x", y_label="y", logarithmic=logarithmic, whole_x=True, dot=dot
    )


def test_labels_are_moved_apart_and_keep_their_order():
    random = np.random.default_rng(5)
    np.testing.assert_allclose(spread(np.array([0.9, 0.1]), 0.1, 0, 1), [0.9, 0.1])
    np.testing.assert_allclose(spread(np.array([1.0, 1.0, 0.2]), 0.1, 0, 1), [0.9, 1.0, 0.2])
    for _ in range(50):
        wanted = random.uniform(-0.2, 1.2, 6)
        places = spread(wanted, 0.15, 0, 1)
        order = np.argsort(wanted)
        assert all(b - a > 0.15 - 1e-9 for a, b in pairwise(places[order]))
        assert places.min() >= -1e-9
        assert places.max() <= 1 + 1e-9


def test_labels_of_many_methods_are_smaller_so_that_all_are_within_the_axes():
    assert label_room(1) == label_room(12) == pytest.approx((LABEL_GAP, TEXT))
    gap, size = label_room(18)
    places = spread(np.zeros(18), gap, 0, 1)
    np.testing.assert_allclose([places.min(), places.max()], [0, 1], atol=1e-9)
    assert size / gap == pytest.approx(TEXT / LABEL_GAP)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_chart_has_its_size_and_colours(theme):
    picture = Image.open(io.BytesIO(draw_chart(chart([[1, 2, 3], [3, 2, 1]]), theme)))
    picture = np.asarray(picture.convert("RGB"))
    assert picture.shape == (PIXELS[1], PIXELS[0], 3)
    for colour in (theme.surface, *theme.series[:2]):
        assert (picture == [int(colour[i : i + 2], 16) for i in (1, 3, 5)]).all(axis=2).any()


@pytest.mark.parametrize(
    "drawn",
    [
        chart([[0.1, 0.01, 0.001], [0.2, 0.1, 0.05]], logarithmic=True),
        chart([[0.0, 1.0]], logarithmic=True),
        chart([[5.0]], dot=(1.0, 5.0)),
        chart([[np.nan, np.nan], [1.0, np.nan]]),
    ],
    ids=["logarithmic", "zero on a logarithmic axis", "one point", "not measured"],
)
def test_charts_are_the_same_bytes_under_any_matplotlibrc(drawn):
    first = draw_chart(drawn, LIGHT)
    with matplotlib.rc_context({"lines.linewidth": 9, "axes.grid": True, "savefig.pad_inches": 3}):
        assert draw_chart(drawn, LIGHT) == first
    assert set(Image.open(io.BytesIO(first)).info) <= {"dpi"}


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_and_curves_have_contrast(theme):
    def luminance(colour):
        levels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]  # WCAG 2.2, relative luminance

    def contrast(a, b):
        low, high = sorted((luminance(a), luminance(b)))
        return (high + 0.05) / (low + 0.05)

    for colour in (theme.ink, theme.muted, theme.better, theme.worse, theme.series[0]):
        assert all(contrast(colour, behind) >= 4.5 for behind in (theme.page, theme.surface))
    assert all(contrast(theme.muted, behind) >= 4.5 for behind in (theme.tint,))
    assert all(contrast(colour, theme.surface) >= 3 for colour in theme.series)
