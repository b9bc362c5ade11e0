"""The parsing map against exact drawn truth, hand-drawn masks of photographs, and symmetry."""

import numpy as np
import pytest
from PIL import Image

from wnet.parsing.by_landmarks import classes_by_landmarks
from wnet.parsing.classes import CELEBAMASK_TO_BISENET, CLASSES, binarize

PARTS = {"skin": (1,), "brows": (2, 3), "eyes": (4, 5), "nose": (10,), "mouth": (11, 12, 13)}
SINGLE = {"l_brow": (2,), "r_brow": (3,), "l_eye": (4,), "r_eye": (5,), "neck": (14,)}
CELEBAMASK = [  # the order of https://github.com/switchablenorms/CelebAMask-HQ
    *("background", "skin", "nose", "eye_g", "l_eye", "r_eye", "l_brow", "r_brow", "l_ear"),
    *("r_ear", "mouth", "u_lip", "l_lip", "hair", "hat", "ear_r", "neck_l", "neck", "cloth"),
]


def mean_overlaps(pairs: list[tuple[np.ndarray, np.ndarray]], parts: dict) -> dict[str, float]:
    """The mean intersection over union of each part over the faces that show it."""
    overlaps = {}
    for name, ids in parts.items():
        masks = [(np.isin(estimated, ids), np.isin(true, ids)) for estimated, true in pairs]
        overlaps[name] = np.mean([(e & t).sum() / (e | t).sum() for e, t in masks if t.any()])
    return overlaps


def assert_at_least(measured: dict[str, float], required: dict[str, float]) -> None:
    missed = {k: (round(measured[k], 3), v) for k, v in required.items() if measured[k] < v}
    assert not missed, f"mean IoU below what is required: {missed}"


def test_celebamask_ids_keep_their_names():
    assert [CLASSES[i] for i in CELEBAMASK_TO_BISENET] == CELEBAMASK
    assert CELEBAMASK_TO_BISENET.dtype == np.uint8


def test_the_components_follow_the_points_alone(drawn_faces):
    """A flat picture gives no evidence except the points; each id is written out, not looked up."""
    points = drawn_faces[0].points
    flat = np.full((256, 256, 3), (200, 150, 130), np.uint8)
    classes = classes_by_landmarks(flat, points)
    expected = {
        5: points[36:42].mean(0),  # the person's right eye, on the picture's left
        4: points[42:48].mean(0),
        3: points[19] + (0, 2),
        2: points[24] + (0, 2),
        10: points[30],
        12: (points[51] + points[62]) / 2,
        13: (points[57] + points[66]) / 2,
        1: (points[2] + points[31]) / 2,
    }
    found = {identity: classes[round(y), round(x)] for identity, (x, y) in expected.items()}
    assert found == {identity: identity for identity in expected}


def test_drawn_faces_match_their_truth(drawn_faces):
    pairs = [(classes_by_landmarks(face.image, face.points), face.classes) for face in drawn_faces]
    measured = mean_overlaps(pairs, {**PARTS, **SINGLE})
    assert_at_least(
        measured,
        {"skin": 0.86, "brows": 0.59, "eyes": 0.76, "nose": 0.72, "mouth": 0.88, "neck": 0.83}
        | {"l_brow": 0.58, "r_brow": 0.59, "l_eye": 0.76, "r_eye": 0.76},
    )


def test_hand_drawn_masks(real_data):
    """Photographs the method was not fitted on (the last by name), cropped like the pipeline's."""
    import dlib

    from wnet.files.dlib_models import model_path

    detect = dlib.get_frontal_face_detector()
    predict = dlib.shape_predictor(str(model_path("shape_predictor_68_face_landmarks.dat")))
    pairs = []
    for path in sorted((real_data / "celebamask" / "images").iterdir())[-40:]:
        with Image.open(path) as photograph:
            image = np.asarray(photograph.convert("RGB"))
        found = detect(image, 0)
        if len(found) != 1:
            continue
        points = np.array([(p.x, p.y) for p in predict(image, found[0]).parts()], np.float64)
        low, high = points.min(0), points.max(0)
        extent = (high - low).max()
        side = min(1.5 * extent, 512)
        corner = np.clip((low + high) / 2 - (0, 0.09 * extent) - side / 2, 0, 512 - side)
        box = (*corner, *(corner + side))
        crop = Image.fromarray(image).resize((128, 128), Image.Resampling.BICUBIC, box)
        with Image.open(real_data / "celebamask" / "masks" / f"{path.stem}.png") as drawn:
            mask = np.asarray(drawn.resize((128, 128), Image.Resampling.NEAREST, box))
        scaled = (points + 0.5 - corner) * 128 / side - 0.5
        pairs.append((classes_by_landmarks(np.asarray(crop), scaled), CELEBAMASK_TO_BISENET[mask]))
    assert len(pairs) >= 20
    parts = {**PARTS, "hair": (17,), "neck": (14,)}
    assert_at_least(
        mean_overlaps(pairs, parts),
        {"skin": 0.83, "brows": 0.58, "eyes": 0.69, "nose": 0.82, "mouth": 0.81}
        | {"hair": 0.51, "neck": 0.67},
    )


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_picture_turns_the_map(drawn_faces, turns):
    face, points = drawn_faces[2], drawn_faces[2].points
    for _ in range(turns):  # rot90 takes (x, y) to (y, side - 1 - x)
        points = np.stack([points[:, 1], face.image.shape[0] - 1 - points[:, 0]], axis=1)
    turned = classes_by_landmarks(np.ascontiguousarray(np.rot90(face.image, turns)), points)
    assert (turned == np.rot90(classes_by_landmarks(face.image, face.points), turns)).mean() > 0.995


@pytest.mark.parametrize("size", [(64, 64), (128, 128), (96, 160), (512, 512)])
def test_any_size_gives_the_same_map(drawn_faces, size):
    face = drawn_faces[3]
    width, height = size
    factors = np.array(size) / 256
    resized = np.asarray(Image.fromarray(face.image).resize(size, Image.Resampling.BICUBIC))
    classes = classes_by_landmarks(resized, (face.points + 0.5) * factors - 0.5)
    assert classes.shape == (height, width)
    assert classes.dtype == np.uint8
    whole = Image.fromarray(classes_by_landmarks(face.image, face.points))
    assert (classes == np.asarray(whole.resize(size, Image.Resampling.NEAREST))).mean() > 0.9


def test_half_a_face_is_parsed_like_the_whole(drawn_faces):
    face = drawn_faces[4]
    middle = round(float(face.points[30, 0]))
    half = classes_by_landmarks(
        np.ascontiguousarray(face.image[:, middle:]), face.points - (middle, 0)
    )
    assert (half == classes_by_landmarks(face.image, face.points)[:, middle:]).mean() > 0.9


def test_same_input_same_map(drawn_faces):
    face = drawn_faces[5]
    before = face.image.copy(), face.points.copy()
    first = classes_by_landmarks(face.image, face.points)
    np.testing.assert_array_equal(first, classes_by_landmarks(face.image, face.points))
    np.testing.assert_array_equal(face.image, before[0])
    np.testing.assert_array_equal(face.points, before[1])


@pytest.mark.parametrize(
    ("image", "points", "message"),
    [
        (np.zeros((64, 64), np.uint8), np.ones((68, 2)), "RGB"),
        (np.zeros((64, 64, 3), np.float32), np.ones((68, 2)), "float32"),
        (np.zeros((64, 64, 3), np.uint8), np.ones((5, 2)), r"\(5, 2\)"),
        (np.zeros((64, 64, 3), np.uint8), np.full((68, 2), np.nan), "point 0 is"),
        (np.zeros((64, 64, 3), np.uint8), np.ones((68, 2)), "crop closer"),
    ],
)
def test_bad_input_is_named(image, points, message):
    with pytest.raises(ValueError, match=message):
        classes_by_landmarks(image, points)


def test_binarize_keeps_the_named_classes():
    classes = np.array([[[0, 1], [10, 17]], [[1, 1], [7, 14]]], np.uint8)
    skin = binarize(classes, (1,))
    np.testing.assert_array_equal(skin, [[[0, 1], [0, 0]], [[1, 1], [0, 0]]])
    assert skin.dtype == np.uint8
    np.testing.assert_array_equal(binarize(classes[1], [1, 7, 14]), [[1, 1], [1, 1]])
    with pytest.raises(ValueError, match=r"skin_ids \[19\]"):
        binarize(classes, (1, 19))
