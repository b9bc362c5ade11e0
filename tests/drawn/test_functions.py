"""Functions that round the same on every processor, compared with NumPy's in float64."""

import cv2
import numpy as np
import pytest

from drawn import functions

NUMBERS = np.random.default_rng(3).uniform(-20, 20, (40, 30)).astype(np.float32)
OTHERS = np.random.default_rng(4).uniform(-20, 20, (40, 30)).astype(np.float32)
EXACT = NUMBERS.astype(np.float64)


@pytest.fixture(autouse=True)
def plain_opencv():
    cv2.setUseOptimized(False)


def test_exponentials_sines_and_powers():
    np.testing.assert_allclose(functions.exp(NUMBERS), np.exp(EXACT), rtol=1e-6)
    np.testing.assert_allclose(functions.sine(NUMBERS), np.sin(EXACT), atol=1e-6)
    raised = functions.raised(np.abs(NUMBERS), 2.3)
    np.testing.assert_allclose(raised, np.abs(EXACT) ** 2.3, rtol=1e-5)


def test_directions_and_distances():
    expected = np.arctan2(EXACT, OTHERS)
    np.testing.assert_allclose(functions.direction(NUMBERS, OTHERS), expected, atol=1e-6)
    np.testing.assert_allclose(
        functions.distance(NUMBERS, OTHERS), np.hypot(EXACT, OTHERS), rtol=1e-6
    )
    row, column = NUMBERS[:1], OTHERS[:, :1]
    assert functions.direction(row, column).shape == (40, 30)
    assert functions.direction(np.zeros(2, np.float32), np.zeros(2, np.float32)).tolist() == [0, 0]


def test_products():
    left, right = EXACT[:5, :3], EXACT[:3, 3:7]
    np.testing.assert_allclose(functions.product(left, right), left @ right)
    np.testing.assert_allclose(functions.product(left[0], right), left[0] @ right)


@pytest.mark.parametrize(
    "function", [functions.exp, functions.sine, lambda x: functions.raised(x, 2)]
)
@pytest.mark.parametrize("shape", [(), (3, 1, 1), (1, 7), (7, 1)])
def test_shapes_are_kept(function, shape):
    made = function(np.ones(shape, np.float32))
    assert made.shape == shape
    assert made.dtype == np.float32
