"""Whether a photograph is cropped does not depend on the last bits of its landmarks."""

import numpy as np
import pytest

from wnet.crops.extraction import Annotation, find_landmarks
from wnet.crops.input_faces import input_faces
from wnet.crops.settings import CropRule
from wnet.landmarks.settings import Looks

RULE = CropRule(rule="landmarks", extent=1.5, lift=0.09, dic_expansion=0.3, border="shift")
LOOKS = Looks(faces="largest", turns=(), max_instability=0.2)


class Finder:
    """One face in every picture, whose points may differ slightly on another processor."""

    upright_score, upsampling, steady = 0.5, 0, 0.05

    def __init__(self, points, moved=0.0):
        self.points = points + moved

    def detect(self, images):
        return [boxes[:, :4] for boxes in self.look(images, 0)]

    def look(self, images, doublings):
        return [np.array([[40.0, 40.0, 200.0, 200.0, 1.0]])] * len(images)

    def predict(self, images, boxes):
        return np.stack([self.points] * len(images)).astype(np.float32)


@pytest.fixture
def points(drawn_faces):
    return np.round(drawn_faces[0].points.astype(np.float64) * 16) / 16 + 0.01


@pytest.mark.parametrize("moved", [1e-5, -1e-5, 0.02])
def test_landmarks_are_in_sixteenths_of_a_pixel(drawn_faces, points, moved):
    images = [drawn_faces[0].image]
    finders = Finder(points), Finder(points, moved)
    here, there = (
        find_landmarks(images, [Annotation()], finder, "landmarks", LOOKS)[0].plausible[0]
        for finder in finders
    )
    np.testing.assert_array_equal(here.points, there.points)
    np.testing.assert_allclose(here.points, points - 0.01, atol=1e-6)
    assert here.points.dtype == np.float32


def test_the_crop_of_any_picture_depends_on_them_too(drawn_faces, points, monkeypatch):
    seen = []

    def noted(rule, shape, found, box):
        seen.append(found)
        return (0, 0, 128, 128)

    monkeypatch.setattr("wnet.crops.input_faces.crop_box", noted)
    for moved in (0.0, 1e-5):
        input_faces(drawn_faces[0].image, RULE, LOOKS, Finder(points, moved), 64, 16)
    np.testing.assert_array_equal(seen[0], seen[1])
