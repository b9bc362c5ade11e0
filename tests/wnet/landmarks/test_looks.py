"""The search for faces in a photograph: rotated faces, implausible landmarks, several faces."""

import numpy as np
import pytest
from PIL import Image

from wnet.files.weights import MissingWeights, WeightsFile, verified
from wnet.landmarks.detectors import yunet
from wnet.landmarks.finder import LandmarkFinder, choose_face
from wnet.landmarks.ibug68 import similarity
from wnet.landmarks.looks import find_faces
from wnet.landmarks.methods import dlib
from wnet.landmarks.methods.dlib import dlib_landmarks
from wnet.landmarks.settings import Looks
from wnet.landmarks.turns import Turn
from wnet.photographs.images import decode

ALL_TURNS = (180, 90, 270, 30, 330)


def looks(**changes) -> Looks:
    return Looks(**{"faces": "largest", "turns": ALL_TURNS, "max_instability": 0.2, **changes})


@pytest.fixture(scope="module")
def finder():
    return dlib_landmarks(1024, 1)


class Given:
    """A finder that finds the same boxes in every picture, with the given points."""

    upright_score, upsampling, steady = 0.5, 0, 0.05

    def __init__(self, boxes, points, instability=0.0):
        self._boxes, self._points, self._instability = boxes, points, instability

    def look(self, images, doublings):
        return [np.array([(*box, 0.1) for box in self._boxes], np.float64)] * len(images)

    def predict(self, images, boxes):
        rows = [[tuple(own) for own in self._boxes].index(tuple(box)) for box in boxes]
        return np.array([self._points[row] for row in rows], np.float32)

    def instability(self, image, box, points):
        return self._instability


@pytest.mark.parametrize("degrees", [90, 180, 270, 360])
def test_quarters_move_points_with_their_pixels(random, degrees):
    image = random.integers(0, 256, (5, 8, 3), dtype=np.uint8)
    turn = Turn(degrees, (5, 8))
    there = turn.quartered(image)
    for x, y in ((0, 0), (7, 4), (2, 3)):
        tx, ty = turn.quarter_points(np.array([x, y]))
        np.testing.assert_array_equal(there[ty, tx], image[y, x])
    x, y, width, height = turn.quarter_box(np.array([1, 2, 3, 2]))
    assert sorted(there[y : y + height, x : x + width].ravel()) == sorted(image[2:4, 1:4].ravel())


@pytest.mark.parametrize("degrees", [30, 330, 120, 200])
def test_points_of_a_rolled_look_come_back(degrees):
    image = np.zeros((200, 300, 3), np.uint8)
    image[60:65, 80:85] = 255  # centred at (82, 62)
    turn = Turn(degrees, (200, 300))
    seen = turn.whole(image)
    y, x = np.array(np.nonzero(seen[..., 0] > 128)).mean(axis=1)
    back = turn.rest_undone(np.array([[x, y]]), seen.shape[:2])
    np.testing.assert_allclose(back[0], turn.quarter_points(np.array([82, 62])), atol=0.3)
    again = turn.rest_done(back, seen.shape[:2])
    np.testing.assert_allclose(again, [[x, y]], atol=0.1)


def test_the_mean_face_is_fitted_to_landmarks(drawn_faces):
    points = np.round(drawn_faces[0].points * 16) / 16
    here = similarity(points)
    angle = np.radians(60)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    there = similarity(points @ rotation * 2 + (500, 900))
    assert here.cosine > 0.98
    assert there.cosine == pytest.approx(0.5, abs=0.15)
    assert there.radius == pytest.approx(2 * here.radius, rel=1e-3)
    assert there.residual == pytest.approx(here.residual, abs=1e-3)
    np.testing.assert_allclose(here.centre, points.mean(axis=0))
    assert similarity(np.zeros((68, 2))).residual == np.inf


def test_implausible_landmarks_are_refused_with_the_reason(drawn_faces, random):
    image, points = drawn_faces[0].image, drawn_faces[0].points
    low, high = points.min(axis=0), points.max(axis=0)
    box = (*low, *high)
    strewn = random.uniform(low, high, (68, 2))
    upside_down = low + high - points
    for wrong, instability, said in (
        (strewn, 0.0, "off the shape of a face"),
        (upside_down, 0.0, "of a turned face"),
        (points + 500, 0.0, "not where the detector found"),
        (points, 0.3, "move by 0.30"),
    ):
        given = Given([box], [wrong], instability)
        (found,) = find_faces([image], [None], given, looks(turns=()))
        assert found.plausible == ()
        assert said in found.implausible[0]
    (found,) = find_faces([image], [None], Given([box], [points], 0.1), looks(turns=()))
    assert found.implausible == {}


@pytest.mark.parametrize(("turned", "calls"), [(0.3, 1), (0.45, 2)])
def test_no_landmarks_are_predicted_where_the_turned_face_is_less_certain(
    drawn_faces, turned, calls
):
    image, points = drawn_faces[0].image, drawn_faces[0].points
    box = (*points.min(axis=0), *points.max(axis=0))
    scores, predicted = iter([0.4, turned]), []

    class Certain(Given):
        def look(self, images, doublings):
            return [np.array([(*box, next(scores))])]

        def predict(self, images, boxes):
            predicted.extend(boxes)
            return super().predict(images, boxes)

    given = Certain([box], [points], instability=0.1)
    (found,) = find_faces([image], [None], given, looks(turns=(180,)))
    assert len(predicted) == calls
    assert [face.turn for face in found.plausible] == [0]


def test_the_largest_plausible_face_is_taken_or_all_of_them(drawn_faces):
    image, points = drawn_faces[0].image, drawn_faces[0].points
    low, high = points.min(axis=0), points.max(axis=0)
    boxes = [(*low / 2, *high / 2), (0, 0, 250, 250), (*low, *high)]
    given = Given(boxes, [points / 2, points[::-1], points])
    (one,) = find_faces([image], [None], given, looks(turns=()))
    assert [face.rank for face in one.plausible] == [0]
    assert one.count == 3
    np.testing.assert_allclose(one.plausible[0].points, points, atol=1 / 16)
    (every,) = find_faces([image], [None], given, looks(turns=(), faces="all"))
    assert [face.rank for face in every.plausible] == [1, 2]
    assert list(every.implausible) == [0]
    official = np.array([*low / 2, *(high - low) / 2])
    (meant,) = find_faces([image], [official], given, looks(turns=()))
    np.testing.assert_allclose(meant.plausible[0].points, points / 2, atol=1 / 16)


def test_turned_faces_are_found_as_the_upright_ones(drawn_faces, finder):
    images = [face.image for face in drawn_faces[:3]]
    upright = find_faces(images, [None] * 3, finder, looks())
    for quarters in (1, 2, 3):
        turned = [np.ascontiguousarray(np.rot90(image, -quarters)) for image in images]
        for here, there in zip(
            upright, find_faces(turned, [None] * 3, finder, looks()), strict=True
        ):
            assert there.plausible[0].turn == 90 * quarters
            np.testing.assert_array_equal(here.plausible[0].points, there.plausible[0].points)


def read(path) -> np.ndarray:
    return decode(path.read_bytes(), 64_000_000)


def test_photographs_upside_down_are_turned_or_rejected_and_upright_ones_stay(real_data, finder):
    """489 of 502 photographs stay upright; under 3 % of the rotated ones are cropped wrongly."""
    paths = [*sorted((real_data / "celebamask/images").iterdir())[::20]]
    paths += sorted((real_data / "celeba_dic/HR").iterdir())[::10]
    images = [read(path) for path in paths]
    nobody = [None] * len(images)
    once = [
        finder.predict([image], [boxes[choose_face(boxes, None)]])[0] if len(boxes) else None
        for image, boxes in zip(images, finder.detect(images), strict=True)
    ]
    now = find_faces(images, nobody, finder, looks(turns=(180,)))
    for points, found in zip(once, now, strict=True):
        assert (points is None) == (not found.plausible)
        if points is not None:
            np.testing.assert_array_equal(found.plausible[0].points, points)
    turned = [np.ascontiguousarray(image[::-1, ::-1]) for image in images]
    found = find_faces(turned, nobody, finder, looks(turns=(180,)))
    taken = [face.turn for faces in found for face in faces.plausible]
    assert taken.count(0) <= 0.05 * len(images)
    assert taken.count(180) >= 0.8 * len(images)


def test_yunet_feeds_dlib_and_looks_turned(real_data):
    """Needs YuNet's file in weights/; every face is found, also rotated by quarters and rolled."""
    digest = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
    try:
        file = verified(WeightsFile("face_detection_yunet_2023mar.onnx", digest))
    except MissingWeights:
        pytest.skip("YuNet's weights are not there")
    boxes = yunet.load({"yunet": file}, 0.5, "cpu")
    finder = LandmarkFinder(boxes, dlib.load({}, boxes, "cpu"), 1024, 1)
    images = [read(path) for path in sorted((real_data / "celebamask/images").iterdir())[::40]]
    nobody = [None] * len(images)
    upright = find_faces(images, nobody, finder, looks())
    assert [faces.plausible[0].turn for faces in upright] == [0] * len(images)
    for quarters in (1, 2, 3):
        turned = [np.ascontiguousarray(np.rot90(image, -quarters)) for image in images]
        found = find_faces(turned, nobody, finder, looks())
        right = [faces.plausible and faces.plausible[0].turn == 90 * quarters for faces in found]
        assert np.mean(right) >= 0.9
    rolled = [np.asarray(Image.fromarray(image).rotate(30, expand=True)) for image in images]
    found = find_faces(rolled, nobody, finder, looks())
    assert np.mean([faces.plausible and faces.plausible[0].turn == 0 for faces in found]) >= 0.9


class ByTurn(Given):
    """A finder whose score and instability differ if the first pixel is dark."""

    upright_score = float("inf")

    def __init__(self, box, points, upright, turned):
        super().__init__([box], [points])
        self._upright, self._turned = upright, turned

    def _of(self, image):
        return self._upright if image[0, 0, 0] > 128 else self._turned

    def look(self, images, doublings):
        return [np.array([(*self._boxes[0], self._of(image)[0])]) for image in images]

    def instability(self, image, box, points):
        return self._of(image)[1]


@pytest.mark.parametrize(
    ("upright", "turned", "taken"),
    [
        ((0.8, 0.15), (0.71, 0.04), 0),  # more stable, but the detector is less sure
        ((0.8, 0.15), (0.81, 0.04), 180),
        ((0.8, 0.15), (0.81, 0.10), 0),  # neither more stable nor much surer
        ((0.63, 0.07), (0.92, 0.06), 180),  # much surer
        ((0.8, 0.15), (0.92, 0.3), 0),  # without a face
        ((0.2, 0.3), (0.1, 0.1), 180),  # if there is none upright
    ],
)
def test_a_rotated_search_is_used_if_the_detector_is_surer(drawn_faces, upright, turned, taken):
    points = drawn_faces[0].points
    image = np.zeros((256, 256, 3), np.uint8)
    image[0, 0] = 255
    box = (*points.min(axis=0), *points.max(axis=0))
    given = ByTurn(box, points, upright, turned)
    (found,) = find_faces([image], [None], given, looks(turns=(180,)))
    assert [face.turn for face in found.plausible] == [taken]
