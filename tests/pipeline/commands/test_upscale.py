"""`wnet upscale`: the network's own output for the faces of any picture, and clear words else."""

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from pipeline.commands.cli import main
from pipeline.harness.record import MADE_BY, write_record
from pipeline.settings import params
from wnet.crops.rules import crop_box, cut_out
from wnet.data.resize import bicubic
from wnet.landmarks.methods.dlib import dlib_landmarks
from wnet.networks.by_name import build
from wnet.networks.saved import load

RESOLUTION, SCALE = 64, 4


@pytest.fixture
def model(project, edit_params):
    """An untrained network that is not plain bicubic, as a training of the sample leaves it."""
    edit_params({"runs.wnet-small.model.width": 8})
    everything = params.load()
    torch.manual_seed(3)
    network = build("wnet", everything.runs["wnet-small"].model, SCALE)
    with torch.no_grad():
        for weights in network.parameters():
            weights.add_(0.02 * torch.randn_like(weights))
    crop = everything.recipes["sample"].crop.model_dump(mode="json")
    folder = project / "models/sample-x4/network"
    network.save_pretrained(folder)
    write_record(folder / MADE_BY, {"stage": "train", "faces": crop})
    return folder


def upscale(*arguments):
    return CliRunner().invoke(main, ["upscale", *map(str, arguments)])


def expected(model, lr):
    """The network's output for (r, r, 3) uint8, by hand."""
    network = load(model, "cpu")
    with torch.no_grad():
        made = network(torch.from_numpy(lr).permute(2, 0, 1)[None].float() / 255)
    return (made["sr"][0].clamp(0, 1) * 255).round().permute(1, 2, 0).numpy()


def read(path):
    return np.asarray(Image.open(path)).astype(float)


def crops(image, count):
    """Faces of a picture by dlib and the sample's crop rule, the largest first."""
    crop = params.load().recipes["sample"].crop
    finder = dlib_landmarks(crop.detection_side, crop.upsampling)
    (boxes,) = finder.detect([image])
    assert len(boxes) == count
    boxes = sorted(boxes, key=lambda box: -(box[2] - box[0]) * (box[3] - box[1]))
    points = finder.predict([image] * len(boxes), boxes)
    return [cut_out(image, crop_box(crop, image.shape[:2], shape, None)) for shape in points]


def test_a_face_is_found_and_goes_the_way_of_training(model, drawn_faces):
    photo = drawn_faces[0].image
    Image.fromarray(photo).save("a.png")
    result = upscale("a.png", "-o", "out")
    assert result.exit_code == 0, result.output
    (face,) = crops(photo, 1)
    assert len(face) >= RESOLUTION
    hr = bicubic(face[None], RESOLUTION, RESOLUTION)
    lr = bicubic(hr, 16, 16)[0]
    assert np.abs(read("out/a.png") - expected(model, lr)).max() <= 1
    assert upscale("a.png", "-o", "out", "--compare").exit_code == 0
    row = read("out/a.png")
    assert row.shape == (64, 4 * 64 + 3 * 4, 3)
    np.testing.assert_array_equal(row[:, -64:], hr[0])
    np.testing.assert_array_equal(row[::4, :64:4], lr)
    np.testing.assert_array_equal(row[:, 68:132], bicubic(lr[None], 64, 64)[0])


def test_several_faces_are_numbered_from_the_largest(model, drawn_faces):
    photo = np.full((256, 470, 3), 128, np.uint8)
    photo[:, :256] = drawn_faces[0].image
    photo[20:220, 265:465] = bicubic(drawn_faces[1].image[None], 200, 200)[0]
    Image.fromarray(photo).save("two.png")
    result = upscale("two.png", "-o", "out", "-m", model)
    assert result.exit_code == 0, result.output
    for number, face in enumerate(crops(photo, 2), start=1):
        lr = bicubic(bicubic(face[None], 64, 64), 16, 16)[0]
        assert np.abs(read(f"out/two.face{number}.png") - expected(model, lr)).max() <= 1


def test_a_face_smaller_than_the_reconstruction_is_reduced_once(model, drawn_faces):
    photo = bicubic(drawn_faces[0].image[None], 80, 80)[0]
    Image.fromarray(photo).save("small.png")
    assert upscale("small.png", "-o", "out", "--compare").exit_code == 0
    (face,) = crops(photo, 1)
    assert 16 < len(face) < RESOLUTION
    row = read("out/small.png")
    assert row.shape == (64, 3 * 64 + 2 * 4, 3)  # there is no original of that size
    lr = bicubic(face[None], 16, 16)[0]
    np.testing.assert_array_equal(row[::4, :64:4], lr)
    assert np.abs(row[:, -64:] - expected(model, lr)).max() <= 1


def test_a_picture_of_the_input_size_is_taken_as_it_is(model, random):
    lr = random.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(lr).save("lr.png")
    assert upscale("lr.png", "-o", "out").exit_code == 0
    assert np.abs(read("out/lr.png") - expected(model, lr)).max() <= 1


def test_what_holds_no_face_is_named_and_the_others_are_written(model, drawn_faces, random):
    photos = model.parent / "photos"
    photos.mkdir()
    Image.fromarray(drawn_faces[0].image).save(photos / "face.png")
    Image.fromarray(np.full((90, 90, 3), 90, np.uint8)).save(photos / "wall.png")
    (photos / "text.jpg").write_text("no picture")
    (photos / "more").mkdir()
    Image.fromarray(drawn_faces[1].image).save(photos / "more/face.jpg")
    (photos / "notes.txt").write_text("passed over")
    result = upscale(photos, "-o", "out")
    assert result.exit_code == 1
    assert "wall.png: no face found" in result.output
    assert "text.jpg: not an image in a known format" in result.output
    assert "notes" not in result.output
    assert "2 faces of 2 pictures" in result.output
    out = model.parents[2] / "out"
    assert sorted(path for path in out.rglob("*.*")) == [out / "face.png", out / "more/face.png"]


def test_nothing_is_written_over(model, drawn_faces, project):
    Image.fromarray(drawn_faces[0].image).save("a.png")
    Image.fromarray(drawn_faces[0].image).save("a.jpg")
    assert "would both become a.png" in upscale("a.png", "a.jpg", "-o", "out").output
    assert "a.png would be written over" in upscale("a.png", "-o", project).output
    assert not (project / "out").exists()


def test_which_network_is_meant_must_be_clear(model, project, random):
    Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save("lr.png")
    wrong = upscale("lr.png", "-o", "out", "-s", 8).output
    assert "0 networks that enlarge 8 times in models/" in wrong
    assert "there are: sample-x4 (x4)" in wrong
    assert "enlarges 4 times, not 8" in upscale("lr.png", "-o", "out", "-m", model, "-s", 8).output
    wrong = upscale("lr.png", "-o", "out", "-m", "nix").output
    assert "no config.json in nix/ nor in models/nix/network/" in wrong
    other = project / "models/other/network"
    load(model, "cpu").save_pretrained(other)
    wrong = upscale("lr.png", "-o", "out", "-m", "other").output
    assert "models/other/network/made_by.json: does not say how its training faces" in wrong
    assert "2 networks in models/" in upscale("lr.png", "-o", "out").output
    assert upscale("lr.png", "-o", "out", "-m", "sample-x4").exit_code == 0
