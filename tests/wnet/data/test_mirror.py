"""Left and right in mirrored faces, compared with the ground truth of drawn faces."""

import numpy as np
import pytest
import torch

from drawn.person import draw_person, draw_shot
from drawn.shape import landmarks
from wnet.data.mirror import mirror_classes, mirror_points
from wnet.landmarks.ibug68 import MIRROR, five_points
from wnet.parsing.classes import CLASSES

PARTS = ((0, 17), (17, 22), (22, 27), (27, 36), (36, 42), (42, 48), (48, 68))


@pytest.mark.parametrize("number", range(6))
def test_a_frontal_drawn_face_is_its_own_mirror_image(number):
    """Its two halves are symmetric, except for the positions of whole parts."""
    person = draw_person(number)
    points = landmarks(person, draw_shot(person, number))
    mirrored = mirror_points(torch.from_numpy(points), 1).numpy()
    for first, last in PARTS:
        shape, found = (part[first:last] - part[first:last].mean(0) for part in (points, mirrored))
        np.testing.assert_allclose(found, shape, atol=1e-12)


def test_mirrored_points_are_where_the_mirrored_classes_are(drawn_faces):
    """Each brow and eye is as far from its points as the other one was before."""
    for face in drawn_faces:
        points, classes = torch.from_numpy(face.points), torch.from_numpy(face.classes)
        before = _gaps(points, classes)
        after = _gaps(mirror_points(points, 256), mirror_classes(classes))
        assert max(before.values()) < 5
        for name, gap in after.items():
            other = {"l": "r", "r": "l"}[name[0]] + name[1:]
            assert gap == pytest.approx(before[other], abs=1e-3)


def _gaps(points: torch.Tensor, classes: torch.Tensor) -> dict[str, float]:
    """Pixels from the middle of a part's points to the nearest pixel of its class."""
    named = {"r_brow": (17, 22), "l_brow": (22, 27), "r_eye": (36, 42), "l_eye": (42, 48)}
    return {
        name: _gap(classes == CLASSES.index(name), points[first:last].mean(0))
        for name, (first, last) in named.items()
    }


def _gap(mask: torch.Tensor, point: torch.Tensor) -> float:
    y, x = mask.nonzero(as_tuple=True)
    return (torch.stack((x, y), 1) - point).norm(dim=1).min().item()


def test_ears_stay_on_the_side_that_their_name_says(drawn_faces):
    """The person's left ear is right of the nose in the picture, also once it is mirrored."""
    ears = 0
    for face in drawn_faces:
        points, classes = torch.from_numpy(face.points), torch.from_numpy(face.classes)
        for where, seen in (
            (points, classes),
            (mirror_points(points, 256), mirror_classes(classes)),
        ):
            for name, side in (("l_ear", 1), ("r_ear", -1)):
                columns = (seen == CLASSES.index(name)).nonzero()[:, 1]
                ears += bool(len(columns))
                assert ((columns - where[30, 0]) * side > 0).all()
    assert ears >= 4


def test_what_has_no_side_keeps_its_class(drawn_faces):
    classes = torch.from_numpy(np.stack([face.classes for face in drawn_faces]))
    mirrored = mirror_classes(classes)
    assert mirrored.dtype == torch.uint8
    sided = [CLASSES.index(f"{side}_{part}") for side in "lr" for part in ("brow", "eye", "ear")]
    for identity in set(range(19)) - set(sided):
        assert torch.equal(mirrored == identity, (classes == identity).flip(-1))
    assert CLASSES.index("l_lip") not in sided  # the lower lip


def test_mirroring_twice_changes_nothing(drawn_faces, random):
    points = torch.from_numpy(random.normal(size=(2, 68, 2)) * 40 + 64)
    torch.testing.assert_close(mirror_points(mirror_points(points, 128), 128), points)
    classes = torch.from_numpy(drawn_faces[0].classes)
    assert torch.equal(mirror_classes(mirror_classes(classes)), classes)
    assert sorted(MIRROR) == list(range(68))


def test_the_first_pixel_and_the_last_change_places():
    points = torch.zeros(1, 68, 2)
    assert mirror_points(points, 128)[0, 0].tolist() == [127, 0]


def test_five_points_of_a_mirrored_face_keep_their_sides(drawn_faces):
    """CelebA's order: eye left in the picture, eye right, nose, corners left and right."""
    for face in drawn_faces:
        found = five_points(mirror_points(torch.from_numpy(face.points), 256).numpy())
        wanted = five_points(face.points)[[1, 0, 2, 4, 3]] * (-1, 1) + (255, 0)
        np.testing.assert_allclose(found, wanted, atol=1e-4)
