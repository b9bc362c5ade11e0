"""Real detectors on synthetic faces: dlib finds them, agrees on points, distinguishes people."""

import dlib
import numpy as np
import pytest

from drawn.photograph import render
from wnet.files.dlib_models import model_path


@pytest.fixture(scope="module")
def faces():
    return [render(identity, identity % 5, 256) for identity in range(100, 140)]


@pytest.fixture(scope="module")
def boxes(faces):
    detect = dlib.get_frontal_face_detector()
    return [detect(face.image, 0) for face in faces]


def test_dlib_finds_the_faces_in_their_places(faces, boxes):
    assert sum(len(found) == 1 for found in boxes) >= 39
    for face, found in zip(faces, boxes, strict=True):
        if found:
            centre = found[0].center()
            middle = (face.points.min(0) + face.points.max(0)) / 2
            assert np.hypot(centre.x - middle[0], centre.y - middle[1]) < 0.15 * 256


def test_dlibs_points_agree_with_the_truth(faces, boxes):
    predict = dlib.shape_predictor(str(model_path("shape_predictor_68_face_landmarks.dat")))
    errors = []
    for face, found in zip(faces, boxes, strict=True):
        if found:
            parts = predict(face.image, found[0]).parts()
            predicted = np.array([(part.x, part.y) for part in parts])
            between_eyes = np.linalg.norm(face.points[36] - face.points[45])
            errors.append(np.linalg.norm(predicted - face.points, axis=1) / between_eyes)
    assert np.median(errors) < 0.05
    assert np.median(np.mean(errors, axis=1)) < 0.05
    # Each group on its own, so that no shifted or mirrored group hides in the median.
    for group in (range(17), range(17, 27), range(27, 36), range(36, 48), range(48, 68)):
        assert np.median(np.array(errors)[:, list(group)]) < 0.07


def test_a_recognition_net_sees_the_same_person_in_other_photographs():
    predict = dlib.shape_predictor(str(model_path("shape_predictor_5_face_landmarks.dat")))
    net = dlib.face_recognition_model_v1(
        str(model_path("dlib_face_recognition_resnet_model_v1.dat"))
    )
    identities = np.repeat(np.arange(500, 512), 2)
    descriptors = []
    for identity, photograph in zip(identities, np.tile([0, 1], 12), strict=True):
        face = render(int(identity), int(photograph), 256)
        left, top, right, bottom = (int(v) for v in (*face.points.min(0), *face.points.max(0)))
        marks = predict(face.image, dlib.rectangle(left, top, right, bottom))
        descriptors.append(net.compute_face_descriptor(face.image, marks))
    descriptors = np.array(descriptors)
    distance = np.linalg.norm(descriptors[:, None] - descriptors[None], axis=2)
    same = identities[:, None] == identities[None]
    off_diagonal = ~np.eye(len(same), dtype=bool)
    within, between = distance[same & off_diagonal], distance[~same]
    assert np.median(within) < np.median(between) - 0.12
    # The chance that a pair of one person is closer than a pair of two: 0.5 for a blind renderer.
    assert (within[:, None] < between[None]).mean() > 0.88
