"""FAN's landmarks: equal to face-alignment's, in batches as one by one.

The real weights need the internet; these have the right shapes and random values.
"""

import hashlib
import json

import numpy as np
import pytest
import torch

from wnet.landmarks.detectors.sfd import SFD
from wnet.landmarks.fan import FANLandmarks, heatmap_maxima
from wnet.landmarks.finder import LandmarkFinder
from wnet.weights.checkpoints import read_state

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Torch hub's folder with a FAN and an S3FD of random weights under their published names."""
    from face_alignment.detection.sfd.net_s3fd import s3fd
    from face_alignment.models import FAN

    folder = tmp_path_factory.mktemp("torch")
    checkpoints = folder / "hub/checkpoints"
    checkpoints.mkdir(parents=True)
    torch.manual_seed(3)
    torch.save(FAN(4).state_dict(), checkpoints / "2DFAN4-11f355bf06.pth.tar")
    detector = s3fd()
    for name, weights in detector.named_parameters():
        if name.endswith("mbox_conf.weight"):
            torch.nn.init.normal_(weights, std=0.02)  # a few candidates above the score, not none
    torch.save(detector.state_dict(), checkpoints / "s3fd-619a316812.pth")
    return folder


@pytest.fixture(scope="module")
def ours(hub):
    weights = hub / "hub/checkpoints/2DFAN4-11f355bf06.pth.tar"
    return FANLandmarks(weights, SFD.reference_scale, "cpu")


@pytest.fixture(scope="module")
def library(hub, tmp_path_factory):
    """face-alignment as it is called by its users, on the same weights."""
    import face_alignment

    patch = pytest.MonkeyPatch()
    patch.setenv("TORCH_HOME", str(hub))
    yield face_alignment.FaceAlignment(
        face_alignment.LandmarksType.TWO_D, device="cpu", compile=False, face_detector="sfd"
    )
    patch.undo()


@pytest.fixture(scope="module")
def faces(drawn_faces):
    """Two pictures of one size and one of another, with a box in each; one reaches outside."""
    images = [face.image for face in drawn_faces[:3]]
    images[2] = np.ascontiguousarray(images[2][10:230, 20:])
    boxes = np.array([(60, 55, 190, 200.5), (70.3, 60, 200, 199), (-12, 40, 140, 195)])
    return images, boxes


def test_points_are_those_of_the_library_within_half_a_pixel(ours, library, faces):
    images, boxes = faces
    found = ours.predict(images, boxes)
    assert found.shape == (3, 68, 2)
    assert found.dtype == np.float32
    for image, box, points in zip(images, boxes, found, strict=True):
        (theirs,) = library.get_landmarks_from_image(image, detected_faces=[box])
        # They count from a pixel's corner and truncate: half a pixel either way, and towards zero
        # outside the picture.
        inside = theirs > 0
        assert inside.mean() > 0.5
        assert np.abs(points - theirs)[inside].max() <= 0.5 + 1e-3
        np.testing.assert_allclose(np.trunc(points + 0.5), theirs, atol=1e-6)


def test_batches_do_not_change_a_point(ours, faces, monkeypatch):
    images, boxes = faces
    monkeypatch.setattr(ours, "_at_once", 32)  # as on a GPU
    together = ours.predict(images, boxes)
    alone = [ours.predict([image], [box])[0] for image, box in zip(images, boxes, strict=True)]
    np.testing.assert_allclose(together, np.stack(alone), atol=1e-3)
    monkeypatch.setattr(ours, "_at_once", 2)
    np.testing.assert_allclose(ours.predict(images, boxes), together, atol=1e-3)
    assert ours.predict([], []).shape == (0, 68, 2)


def test_boxes_are_those_of_the_library(hub, library, faces):
    detector = SFD(hub / "hub/checkpoints/s3fd-619a316812.pth", 0.5, "cpu")
    small = [np.ascontiguousarray(image[::2, ::2]) for image in faces[0]]
    found = detector([*small, small[0][:64, :80]])
    counts = []
    for image, boxes in zip([*small, small[0][:64, :80]], found, strict=True):
        theirs = library.face_detector.detect_from_image(image)
        counts.append(len(theirs))
        assert boxes.shape == (len(theirs), 5)
        if len(theirs):
            np.testing.assert_allclose(boxes, np.array(theirs), rtol=1e-3, atol=1e-2)
    assert max(counts) > 0  # else nothing was compared


def test_maxima_by_hand():
    maps = torch.zeros(1, 3, 8, 8)
    maps[0, 0, 2, 5] = 1.0  # its right and lower neighbours are larger than the others
    maps[0, 0, 2, 6], maps[0, 0, 3, 5] = 0.5, 0.25
    maps[0, 1, 4, 4], maps[0, 1, 4, 3] = 1.0, 0.5
    maps[0, 2, 0, 3], maps[0, 2, 0, 4] = 1.0, 0.5  # at the border: not moved
    expected = [[[5.75, 2.75], [4.25, 4.5], [3.5, 0.5]]]
    np.testing.assert_array_equal(heatmap_maxima(maps).numpy(), expected)


def test_a_bright_spot_is_found_where_it_is(ours, monkeypatch):
    """A network that returns the picture itself: points must be in the picture's pixels."""

    class Mirror(torch.nn.Module):
        def forward(self, batch):
            gray = torch.nn.functional.avg_pool2d(batch.mean(dim=1, keepdim=True), 4)
            return [gray.repeat(1, 68, 1, 1)]

    finder = object.__new__(FANLandmarks)
    finder.__dict__ = {**ours.__dict__, "_network": Mirror()}
    monkeypatch.setattr("wnet.landmarks.fan.flip", lambda maps, is_label=False: maps)
    image = np.zeros((240, 320, 3), np.uint8)
    image[118:123, 158:163] = 255  # centred at (160, 120)
    (points,) = finder.predict([image], [np.array([110.0, 60.0, 210.0, 160.0])])
    np.testing.assert_allclose(points, np.tile([160, 120], (68, 1)), atol=1.0)


def test_a_second_look_is_twice_as_large_and_long_pictures_are_shrunk(ours):
    seen = []

    class Seeing:
        reference_scale, upright_score = 195.0, 1.0

        def __call__(self, images, doublings=0):
            seen.append([(*image.shape[:2], doublings) for image in images])
            found = np.array([[1.0, 2.0, 5.0, 6.0, 0.9]])
            return [
                found if max(image.shape) << doublings > 90 else np.empty((0, 5))
                for image in images
            ]

    images = [np.zeros((50, 60, 3), np.uint8), np.zeros((100, 400, 3), np.uint8)]
    first, second = LandmarkFinder(Seeing(), ours, 200, 1).detect(images)
    assert seen == [[(50, 60, 0), (50, 200, 0)], [(50, 60, 1)]]
    np.testing.assert_array_equal(first, [[1, 2, 5, 6]])
    np.testing.assert_array_equal(second, [[2, 4, 10, 12]])
    assert LandmarkFinder(Seeing(), ours, 200, 0).detect(images[:1])[0].shape == (0, 4)


def test_a_checkpoint_that_lacks_a_layer_is_named(hub, tmp_path):
    state = read_state(hub / "hub/checkpoints/2DFAN4-11f355bf06.pth.tar")
    del state["l3.bias"]
    torch.save(state, tmp_path / "fan.pth")
    with pytest.raises(ValueError, match=r"fan\.pth: not the weights of FAN: l3\.bias is missing"):
        FANLandmarks(tmp_path / "fan.pth", SFD.reference_scale, "cpu")


def test_the_stage_crop_runs_on_fan(hub, project, drawn_faces, edit_params, monkeypatch):
    """Gray and transparent photographs too; every file is accounted for."""
    from click.testing import CliRunner
    from PIL import Image

    from pipeline import crop

    monkeypatch.setenv("TORCH_HOME", str(hub))
    checkpoints = hub / "hub/checkpoints"
    edit_params(
        {
            "recipes.sample.crop.landmarks": "fan",
            "recipes.sample.crop.detector_score": 0.0,
            "recipes.sample.crop.upsampling": 0,
            "recipes.sample.crop.rule": "as_is",
            "recipes.sample.crop.turns": [],
            **{
                f"weights.{role}.sha256": hashlib.sha256(path.read_bytes()).hexdigest()
                for role, path in (
                    ("fan", checkpoints / "2DFAN4-11f355bf06.pth.tar"),
                    ("sfd", checkpoints / "s3fd-619a316812.pth"),
                )
            },
        }
    )
    (project / "raw").mkdir()
    picture = Image.fromarray(drawn_faces[0].image[::2, ::2])
    picture.convert("L").save(project / "raw/gray.png")
    picture.convert("RGBA").save(project / "raw/rgba.png")
    picture.save(project / "raw/rgb.png")
    result = CliRunner().invoke(crop.main, ["sample", "raw", "out", "counts.json", "m.json"])
    assert result.exit_code == 0, result.output
    from wnet.data.shards import read_shard

    faces = read_shard(project / "out/00000.h5")
    assert list(faces["name"]) == ["gray.png", "rgb.png"]
    rejected = (project / "out/rejected.csv").read_text()
    assert "rgba.png,copy,the same pixels as rgb.png" in rejected
    record = json.loads((project / "out.made_by.json").read_text())
    assert set(record["weights"]) == {"fan", "sfd"}
    assert "face-alignment" in record["versions"]
