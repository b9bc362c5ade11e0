"""The renderer's ground truth matches its pictures: points, classes, sizes, variety."""

from collections import Counter

import cv2
import numpy as np
import pytest
from scipy.stats import spearmanr

from drawn.photograph import render

LEFT_EYE, RIGHT_EYE, NOSE, MOUTH, UPPER_LIP, LOWER_LIP = 4, 5, 10, 11, 12, 13


@pytest.fixture(scope="module")
def faces():
    return [render(identity, identity % 3, 256) for identity in range(40)]


@pytest.fixture(scope="module")
def bare(faces):
    chosen = [face for face in faces if not face.attributes["glasses"]]
    assert len(chosen) > 20
    return chosen


def border_distance(mask: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Pixels from each point to the mask's border, from both sides."""
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    column, row = np.round(points).astype(int).T
    return (inside + outside)[row, column]


def test_same_arguments_give_the_same_bytes():
    first, second = render(7, 2, 128), render(7, 2, 128)
    assert first.image.tobytes() == second.image.tobytes()
    assert first.points.tobytes() == second.points.tobytes()
    assert first.classes.tobytes() == second.classes.tobytes()
    assert first.attributes == second.attributes


def test_identity_and_photograph_each_change_the_picture():
    base, other_shot, other_person = render(7, 2, 128), render(7, 3, 128), render(8, 2, 128)
    for other in (other_shot, other_person):
        assert np.abs(base.points - other.points).max() > 1
        assert np.abs(base.image.astype(int) - other.image).mean() > 3
    for trait in ("age", "skin_tone", "hair_style", "beard", "eye_colour"):
        assert base.attributes[trait] == other_shot.attributes[trait]
    assert base.attributes["yaw"] != other_shot.attributes["yaw"]


def test_types_and_place_in_the_frame(faces):
    for face in faces:
        assert face.image.shape == (256, 256, 3)
        assert face.image.dtype == np.uint8
        assert face.points.shape == (68, 2)
        assert face.points.dtype == np.float32
        assert face.classes.shape == (256, 256)
        assert face.classes.dtype == np.uint8
        assert face.classes.max() <= 18
        assert 0.449 < np.ptp(face.points, axis=0).max() / 256 < 0.621
        assert face.points.min() > 0
        assert face.points.max() < 255
        assert {type(value) for value in face.attributes.values()} == {str, float, bool}


def test_left_is_the_persons_left(bare):
    for face in bare:
        mean = {c: np.argwhere(face.classes == c)[:, 1].mean() for c in (LEFT_EYE, RIGHT_EYE)}
        assert mean[LEFT_EYE] > mean[RIGHT_EYE]
        # iBUG: 36-41 and 17-21 are the person's right side, the picture's left.
        assert face.points[36:42, 0].mean() < face.points[42:48, 0].mean()
        assert face.points[0, 0] < face.points[8, 0] < face.points[16, 0]
        assert face.points[48, 0] < face.points[54, 0]


def test_eye_points_are_on_the_eyes_outline(bare):
    far = []
    for face in bare:
        for label, points in ((RIGHT_EYE, slice(36, 42)), (LEFT_EYE, slice(42, 48))):
            far.append(border_distance(face.classes == label, face.points[points]))
    assert np.median(far) <= 1.0
    assert np.max(far) < 3.0


def test_lip_points_are_on_the_lips_outline(bare):
    far = []
    for face in bare:
        if face.attributes["hair_style"] in ("bob", "fringe", "long", "long waves"):
            continue
        lips = np.isin(face.classes, (MOUTH, UPPER_LIP, LOWER_LIP))
        far.append(border_distance(lips, face.points[48:60]))
    assert np.median(far) <= 1.0
    assert np.max(far) < 3.0


def test_nose_and_chin_points_fall_into_their_classes(bare):
    for face in bare:
        column, row = np.round(face.points).astype(int).T
        assert set(face.classes[row[28:31], column[28:31]]) == {NOSE}
        assert face.classes[row[33] + 3, column[33]] != NOSE
        above_chin = face.classes[row[8] - 4, column[8]]
        assert above_chin in (1, LOWER_LIP)


def test_open_mouths_have_an_inside_and_closed_ones_none(faces):
    for face in faces:
        gap = np.linalg.norm(face.points[62] - face.points[66])
        if gap > 8:
            assert (face.classes == MOUTH).sum() > 40
        elif gap < 0.8:
            assert (face.classes == MOUTH).sum() <= 40


@pytest.mark.parametrize("resolution", [128, 200, 512])
def test_points_and_classes_scale_with_the_resolution(resolution):
    base, scaled = render(11, 0, 256), render(11, 0, resolution)
    expected = (base.points + 0.5) * resolution / 256 - 0.5
    np.testing.assert_allclose(scaled.points, expected, atol=0.01)
    assert scaled.attributes == base.attributes
    resized = cv2.resize(base.classes, (resolution,) * 2, interpolation=cv2.INTER_NEAREST)
    assert (resized == scaled.classes).mean() > 0.97


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="resolution is 32"):
        render(0, 0, 32)
    with pytest.raises(ValueError, match="identity -1"):
        render(-1, 0, 128)


def test_people_and_photographs_vary(faces):
    for name in ("hair_style", "hair_colour", "expression", "clothes", "background", "eye_colour"):
        assert len({face.attributes[name] for face in faces}) >= 4, name
    for name in ("beard", "glasses", "freckles"):
        assert Counter(face.attributes[name] for face in faces).most_common(1)[0][1] < 38, name
    for name in ("age", "skin_tone", "yaw", "pitch", "roll"):
        values = [face.attributes[name] for face in faces]
        assert len(set(values)) == len(values)
        assert np.std(values) > 0.1, name
    assert {1, 2, 3, 6, 7, 8, 10, 12, 13, 14, 16, 17} <= set(
        np.unique([face.classes for face in faces])
    )


def test_the_skins_brightness_follows_the_skin_tone(faces):
    tone = [face.attributes["skin_tone"] for face in faces]
    brightness = [face.image[face.classes == 1].mean() for face in faces]
    assert spearmanr(tone, brightness).statistic < -0.6
