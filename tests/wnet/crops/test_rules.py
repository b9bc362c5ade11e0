"""The crop rules compared with squares computed by hand, and with figures published by DIC's
authors."""

import numpy as np
import pytest

from wnet.crops.rules import NotSquare, crop_box, cut_out
from wnet.crops.settings import CropRule
from wnet.landmarks.finder import choose_face
from wnet.landmarks.ibug68 import disagreement, five_points


def rule(**changes) -> CropRule:
    base = {"rule": "landmarks", "extent": 1.5, "lift": 0.09, "dic_expansion": 0.3}
    return CropRule(**{**base, "border": "pad", **changes})


@pytest.fixture
def points() -> np.ndarray:
    """68 points that fill the box from (100, 50) to (180, 150)."""
    random = np.random.default_rng(1)
    points = random.uniform((100, 50), (180, 150), (68, 2))
    points[0], points[1] = (100, 50), (180, 150)
    return points.astype(np.float32)


def test_landmark_square_is_one_and_a_half_heights_and_lifted(points):
    # height 100: side 150, centre (140, 100 - 9): x from 140 - 75, y from 91 - 75
    assert crop_box(rule(), (400, 400), points, None) == (65, 16, 215, 166)


def test_celeba_rule_gives_the_crop_sides_of_dic():
    # Official boxes of 91x126 were cropped at 117 = 91 + 2 * int(13.65) pixels in DIC's test set.
    official = np.array([40, 30, 91, 126])
    x0, y0, x1, y1 = crop_box(rule(rule="celeba_bbox"), (400, 400), None, official)
    assert (x1 - x0, y1 - y0) == (117, 117)
    assert (x0, y0) == (40 - 13, 30 + (126 - 91) // 2 - 13)


def test_dic_snippet_takes_the_box_of_the_landmarks(points):
    # box (100, 50) 80x100: square of 80, grown by int(80 * 0.15) = 12
    box = crop_box(rule(rule="dic_snippet_on_landmarks"), (400, 400), points, None)
    assert box == (88, 48, 192, 152)


def test_as_is_uses_the_whole_photograph_and_distorts_none():
    assert crop_box(rule(rule="as_is"), (178, 178), None, None) == (0, 0, 178, 178)
    with pytest.raises(NotSquare, match="178 x 218 pixels"):
        crop_box(rule(rule="as_is"), (218, 178), None, None)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((218, 178), (0, 20, 178, 198)), ((100, 201), (50, 0, 150, 100)), ((7, 7), (0, 0, 7, 7))],
)
def test_centre_takes_the_largest_central_square(shape, expected):
    assert crop_box(rule(rule="centre"), shape, None, None) == expected


@pytest.mark.parametrize(
    ("border", "expected"),
    [("shift", (0, 0, 150, 150)), ("clip", (0, 0, 105, 66)), ("pad", (-45, -84, 105, 66))],
)
def test_border_policies_at_the_top_left_corner(points, border, expected):
    moved = points - np.float32([110, 100])
    assert crop_box(rule(border=border), (400, 400), moved, None) == expected


def test_a_square_wider_than_the_photograph_is_centred_and_padded(points):
    box = crop_box(rule(border="shift"), (400, 120), points, None)
    assert box == (-15, 16, 135, 166)
    image = np.arange(400 * 120 * 3, dtype=np.uint32).reshape(400, 120, 3)
    cut = cut_out(image, box)
    assert cut.shape == (150, 150, 3)
    np.testing.assert_array_equal(cut[:, 15:135], image[16:166])
    np.testing.assert_array_equal(cut[:, 3], image[16:166, 0])
    np.testing.assert_array_equal(cut[:, 149], image[16:166, 119])


def test_a_rule_without_its_inputs_is_refused(points):
    with pytest.raises(ValueError, match=r"list_bbox_celeba\.txt"):
        crop_box(rule(rule="celeba_bbox"), (10, 10), points, None)
    with pytest.raises(ValueError, match="needs landmarks"):
        crop_box(rule(), (10, 10), None, None)


@pytest.mark.parametrize("shape", [(109, 89), (128, 128), (256, 256)])
def test_an_official_box_of_a_larger_photograph_is_refused(shape):
    """With CelebA's boxes beside its aligned photographs, every crop was in a wrong place."""
    with pytest.raises(ValueError, match="it is of another photograph"):
        crop_box(rule(rule="celeba_bbox"), shape, None, np.array([95.0, 71, 226, 313]))


def test_an_official_box_may_extend_beyond_its_photograph():
    crop_box(rule(rule="celeba_bbox"), (100, 100), None, np.array([-20.0, 20, 90, 90]))


def test_of_several_faces_the_official_or_the_largest_is_chosen():
    boxes = np.array([[0, 0, 50, 50], [100, 100, 200, 200], [300, 300, 340, 340]], float)
    assert choose_face(boxes, None) == 1
    assert choose_face(boxes, np.array([305, 300, 45, 40])) == 2
    assert choose_face(boxes, np.array([60, 10, 20, 20])) == 0  # over none: the nearest


def test_disagreement_is_zero_on_the_points_themselves_and_one_when_moved_by_the_eyes(points):
    official = five_points(points.astype(np.float64))
    assert disagreement(points, official.ravel()) == pytest.approx(0, abs=1e-6)
    eyes = np.linalg.norm(official[0] - official[1])
    assert disagreement(points + (eyes, 0), official.ravel()) == pytest.approx(1, abs=1e-6)
