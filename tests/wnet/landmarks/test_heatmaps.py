"""Heatmaps of landmarks against the Gaussian of their definition, pixel by pixel."""

import math

import pytest
import torch

from wnet.landmarks.heatmaps import heatmaps


@pytest.mark.parametrize(
    ("side", "sigma", "divisor"),
    [(32, 1.0, 4), (64, 3.0, 2)],  # DIC's and FSRNet's, of faces of 128 px
)
def test_every_pixel_is_the_gaussian_of_its_distance(side, sigma, divisor, random):
    points = torch.from_numpy(random.uniform(-9, 137, size=(2, 68, 2)))
    found = heatmaps(points, 128, side, sigma)
    assert found.shape == (2, 68, side, side)
    for _ in range(200):
        face, point = random.integers(2), random.integers(68)
        row, column = random.integers(side), random.integers(side)
        x, y = (points[face, point] / divisor).tolist()
        wanted = math.exp(-((column - x) ** 2 + (row - y) ** 2) / (2 * sigma**2))
        assert found[face, point, row, column].item() == pytest.approx(wanted, rel=1e-9, abs=1e-300)


def test_the_peak_is_one_at_the_point_and_no_rounding_moves_it():
    points = torch.tensor([[[40.0, 8.0], [42.0, 8.0]]])
    whole, half = heatmaps(points, 128, 32, 1.0)[0]
    assert whole[2, 10] == whole.max() == 1
    assert half[2, 10] == half[2, 11] == half.max() < 1


def test_a_point_beyond_the_face_leaves_only_its_slope():
    points = torch.tensor([[[-4.0, 64.0], [4000.0, 64.0]]])
    near, far = heatmaps(points, 128, 32, 1.0)[0]
    assert near[16, 0].item() == pytest.approx(math.exp(-0.5))
    assert far.max() == 0
