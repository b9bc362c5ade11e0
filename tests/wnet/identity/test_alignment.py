"""Faces moved onto the template: the transform is scikit-image's, and known points land on it."""

import numpy as np
import pytest
from skimage.transform import SimilarityTransform

from wnet.identity.alignment import SIDE, TEMPLATE, align, similarity
from wnet.landmarks.ibug68 import five_points


def turned(points, angle, scale, shift):
    """Points turned, scaled and shifted."""
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[cos, sin], [-sin, cos]]) * scale + shift


def test_the_transform_is_that_of_scikit_image(random):
    points = random.uniform(0, 100, (4, 5, 2))
    for matrix, own in zip(similarity(points, TEMPLATE), points, strict=True):
        expected = SimilarityTransform.from_estimate(own, TEMPLATE).params[:2]
        np.testing.assert_allclose(matrix, expected, atol=1e-9)


def test_a_known_move_is_undone():
    moved = turned(TEMPLATE, 0.3, 2.5, (40, -7))
    (matrix,) = similarity(moved[None], TEMPLATE)
    np.testing.assert_allclose(moved @ matrix[:, :2].T + matrix[:, 2], TEMPLATE, atol=1e-9)


def sixty_eight(five):
    """68 points whose eye centres, nose tip and mouth corners are these five."""
    points = np.zeros((68, 2))
    points[36:42], points[42:48] = five[0], five[1]
    points[30], points[48], points[54] = five[2:]
    return points


@pytest.mark.parametrize("angle", [0.0, 0.4, -1.2])
def test_marks_in_a_turned_picture_land_on_the_template(angle):
    marks = turned(TEMPLATE, angle, 1.7, (120, 110))
    image = np.zeros((400, 400, 3), np.uint8)
    yy, xx = np.indices((400, 400))
    for number, (x, y) in enumerate(marks):
        spot = 255 * np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / 18)
        image[..., number % 3] = np.maximum(image[..., number % 3], spot.astype(np.uint8))
    points = sixty_eight(marks)
    np.testing.assert_allclose(five_points(points), marks)
    (face,) = align(image[None], points[None])
    assert face.shape == (SIDE, SIDE, 3)
    for number, (x, y) in enumerate(TEMPLATE):
        left, top = round(x) - 5, round(y) - 5
        window = face[top : top + 11, left : left + 11, number % 3].astype(float)
        rows, columns = np.indices(window.shape)
        place = [(columns * window).sum() / window.sum() + left,
                 (rows * window).sum() / window.sum() + top]  # fmt: skip
        np.testing.assert_allclose(place, (x, y), atol=0.25)
