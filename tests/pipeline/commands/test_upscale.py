"""`wnet upscale`: the network's output for the faces of any picture, or a clear error."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from icc_profiles import ADOBE_RGB, matrix_profile
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipeline.commands.cli import main
from pipeline.commands.enlarging import load_enlarger
from pipeline.harness.record import MADE_BY
from pipeline.settings import params
from wnet.crops.rules import crop_box, cut_out
from wnet.data.resize import bicubic
from wnet.landmarks.methods.dlib import dlib_landmarks
from wnet.networks.saved import load
from wnet.photographs.images import decode

RESOLUTION = 64
CAPTION = 14  # pixels above pictures of 64


def upscale(*arguments):
    return CliRunner().invoke(main, ["upscale", *map(str, arguments)])


def expected(model, lr):
    """The network's output for (r, r, 3) uint8, computed by hand."""
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


def test_a_face_is_found_and_prepared_as_in_training(model, drawn_faces):
    photo = drawn_faces[0].image
    Image.fromarray(photo).save("a.png")
    result = upscale("a.png", "-o", "out", "--degrade")
    assert result.exit_code == 0, result.output
    (face,) = crops(photo, 1)
    assert len(face) >= RESOLUTION
    hr = bicubic(face[None], RESOLUTION, RESOLUTION)
    lr = bicubic(hr, 16, 16)[0]
    assert np.abs(read("out/a.png") - expected(model, lr)).max() <= 1
    assert upscale("a.png", "-o", "out", "--degrade", "--compare", "--overwrite").exit_code == 0
    row = read("out/a.png")[CAPTION:]
    assert row.shape == (64, 4 * 64 + 3 * 4, 3)
    np.testing.assert_array_equal(row[:, -64:], hr[0])
    np.testing.assert_array_equal(row[::4, :64:4], lr)
    np.testing.assert_array_equal(row[:, 68:132], bicubic(lr[None], 64, 64)[0])


def test_several_faces_are_numbered_from_the_largest(model, drawn_faces):
    photo = np.full((256, 470, 3), 128, np.uint8)
    photo[:, :256] = drawn_faces[0].image
    photo[20:220, 265:465] = bicubic(drawn_faces[1].image[None], 200, 200)[0]
    Image.fromarray(photo).save("two.png")
    result = upscale("two.png", "-o", "out", "-m", model, "--degrade")
    assert result.exit_code == 0, result.output
    for number, face in enumerate(crops(photo, 2), start=1):
        lr = bicubic(bicubic(face[None], 64, 64), 16, 16)[0]
        assert np.abs(read(f"out/two.face{number}.png") - expected(model, lr)).max() <= 1


def test_a_face_smaller_than_the_reconstruction_is_reduced_once(model, drawn_faces):
    photo = bicubic(drawn_faces[0].image[None], 80, 80)[0]
    Image.fromarray(photo).save("small.png")
    assert upscale("small.png", "-o", "out", "--degrade", "--compare").exit_code == 0
    (face,) = crops(photo, 1)
    assert 16 < len(face) < RESOLUTION
    row = read("out/small.png")[CAPTION:]
    assert row.shape == (64, 3 * 64 + 2 * 4, 3)  # there is no original of that size
    lr = bicubic(face[None], 16, 16)[0]
    np.testing.assert_array_equal(row[::4, :64:4], lr)
    assert np.abs(row[:, -64:] - expected(model, lr)).max() <= 1


def test_a_picture_of_the_input_size_is_used_unchanged(model, random):
    lr = random.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    Image.fromarray(lr).save("lr.png")
    assert upscale("lr.png", "-o", "out").exit_code == 0
    assert np.abs(read("out/lr.png") - expected(model, lr)).max() <= 1


def test_a_whole_picture_is_enlarged_and_its_faces_by_the_network(model, drawn_faces, edit_params):
    photo = np.full((120, 160, 3), 90, np.uint8)
    photo[10:82, 30:102] = bicubic(drawn_faces[0].image[None], 72, 72)[0]
    Image.fromarray(photo).save("a.png")
    result = upscale("a.png", "-o", "out", "--boxes", "--suffix", "_x4")
    assert result.exit_code == 0, result.output
    assert "out: 1 face of 1 picture" in result.output
    made, smooth = read("out/a_x4.png"), bicubic(photo[None], 480, 640)[0]
    (record,) = [json.loads(path.read_text()) for path in Path("out").glob("*.json")]
    (face,) = record.pop("faces")
    assert record == {"made_by": "wnet upscale", "width": 160, "height": 120, "scale": 4}
    assert face["by"] == "wnet"
    x0, y0, x1, y1 = face["box"]
    assert x1 - x0 == y1 - y0 <= 64
    inside = np.zeros((480, 640), bool)
    inside[4 * y0 : 4 * y1, 4 * x0 : 4 * x1] = True
    np.testing.assert_array_equal(made[~inside], smooth[~inside])
    side = -(-(x1 - x0) // 16) * 16  # W-Net halves four times
    left = (side - (x1 - x0)) // 2
    grown = (x0 - left, y0 - left, x0 - left + side, y0 - left + side)
    sr = expected(model, cut_out(photo, grown))
    centre = slice(2 * side - 16, 2 * side + 16)
    at = np.s_[4 * grown[1] + centre.start :, 4 * grown[0] + centre.start :]
    assert np.abs(made[at][:32, :32] - sr[centre, centre]).max() <= 1
    assert upscale("a.png", "-o", "faces", "--only-faces").exit_code == 0
    alone = read("faces/a.png")
    assert alone.shape == (4 * (x1 - x0), 4 * (x1 - x0), 3)
    assert upscale("a.png", "-o", "row", "--compare").exit_code == 0
    row = read("row/a.png")[480 // 16 :]
    assert row.shape == (480, 3 * 640 + 2 * 4, 3)
    np.testing.assert_array_equal(row[::4, :640:4], photo)
    np.testing.assert_array_equal(row[:, 644 : 644 + 640], smooth)
    np.testing.assert_array_equal(row[:, -640:], made)


def test_faces_larger_than_in_training_are_enlarged_by_bicubic_and_reported(model, drawn_faces):
    Image.fromarray(drawn_faces[0].image).save("large.png")
    Image.fromarray(np.full((90, 80, 3), 90, np.uint8)).save("wall.png")
    result = upscale("large.png", "wall.png", "-o", "out")
    assert result.exit_code == 0, result.output
    assert re.search(
        r"large.png: a face of \d+ px, more than 64 px, is enlarged by bicubic", result.output
    )
    assert "wall.png: no face found; enlarged by bicubic alone" in result.output
    smooth = bicubic(drawn_faces[0].image[None], 1024, 1024)[0]
    np.testing.assert_array_equal(read("out/large.png"), smooth)
    assert read("out/wall.png").shape == (360, 320, 3)


def test_jpegs_are_upright_marked_and_no_inputs(model, drawn_faces):
    turned = Image.Exif()
    turned[0x0112] = 6  # to be rotated by 90 degrees
    Path("pics").mkdir()
    Image.fromarray(drawn_faces[0].image[:, :200]).save("pics/a.jpg", exif=turned, quality=95)
    options = ("--format", "jpg", "--quality", 90, "--suffix", "_x4")
    assert upscale("pics", "-o", "pics", *options).exit_code == 0
    with Image.open("pics/a_x4.jpg") as made:
        assert (made.format, made.size) == ("JPEG", (1024, 800))
        assert 0x0112 not in made.getexif()
    assert "1 picture, 1 skipped" in upscale("pics", "-o", "out").output
    assert "a_x4.jpg: already exists" in upscale("pics/a.jpg", "-o", "pics", *options).output
    assert "--suffix a/b: give letters" in upscale("pics", "-o", "x", "--suffix", "a/b").output


def test_results_of_another_format_are_removed_but_not_the_users_pictures(model, drawn_faces):
    Image.fromarray(drawn_faces[0].image).save("a.png")
    assert upscale("a.png", "-o", "out", "--format", "jpg").exit_code == 0
    assert "a.jpg: already exists" in upscale("a.png", "-o", "out").output
    assert upscale("a.png", "-o", "out", "--overwrite").exit_code == 0
    assert [path.name for path in Path("out").iterdir()] == ["a.png"]
    Image.new("RGB", (9, 9)).save("out/a.jpg")  # the user's own
    assert upscale("a.png", "-o", "out", "--overwrite").exit_code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.jpg", "a.png"]


def test_a_result_that_would_be_too_large_is_refused(model, monkeypatch):
    monkeypatch.setattr("pipeline.commands.enlarging.MOST_PIXELS", 100_000)
    Image.new("RGB", (100, 90)).save("a.png")
    result = upscale("a.png", "-o", "out")
    assert result.exit_code == 1
    assert "a.png: would have 400 x 360 pixels, more than 100,000 in all" in result.output


def test_pictures_without_a_face_are_reported_and_the_others_are_written(
    model, drawn_faces, random
):
    photos = model.parent / "photos"
    photos.mkdir()
    Image.fromarray(drawn_faces[0].image).save(photos / "face.png")
    Image.fromarray(np.full((90, 90, 3), 90, np.uint8)).save(photos / "wall.png")
    (photos / "text.jpg").write_text("no picture")
    (photos / "more").mkdir()
    Image.fromarray(drawn_faces[1].image).save(photos / "more/face.jpg")
    (photos / "notes.txt").write_text("skipped")
    result = upscale(photos, "-o", "out", "--only-faces")
    assert result.exit_code == 1
    assert "wall.png: no face found" in result.output
    assert "text.jpg: not an image in a known format" in result.output
    assert "notes" not in result.output
    assert "2 faces of 2 pictures" in result.output
    out = model.parents[2] / "out"
    assert sorted(path for path in out.rglob("*.*")) == [out / "face.png", out / "more/face.png"]


def bytes_below(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_replaced_unless_requested(model, drawn_faces, project):
    pics = project / "pics"
    pics.mkdir()
    Image.fromarray(drawn_faces[0].image).save(pics / "photo.jpg", quality=95)
    Image.new("RGB", (300, 200), "red").save(pics / "photo.png")  # the user's own
    before = bytes_below(pics)
    result = upscale("pics/photo.jpg", "-o", "pics")
    assert result.exit_code == 1
    assert "pics/photo.png: already exists; use another folder, or --overwrite" in result.output
    assert bytes_below(pics) == before
    (pics / "photo.png").unlink()
    note = PngInfo()
    note.add_text("Software", "wnet upscale")
    Image.new("RGB", (9, 9)).save(pics / "photo.face3.png", pnginfo=note)  # of an earlier run
    assert "photo.face3.png: already exists" in upscale("pics/photo.jpg", "-o", "pics").output
    assert upscale("pics/photo.jpg", "-o", "pics", "--overwrite").exit_code == 0
    assert sorted(path.name for path in pics.iterdir()) == ["photo.jpg", "photo.png"]
    assert read(pics / "photo.png").shape == (1024, 1024, 3)


def test_inputs_are_never_overwritten(model, drawn_faces, project):
    Image.fromarray(drawn_faces[0].image).save("a.png")
    (project / "below").mkdir()
    Image.fromarray(drawn_faces[0].image).save("below/b.jpg")
    Image.fromarray(drawn_faces[0].image).save("c.png")
    before = bytes_below(project)
    for options in ((), ("--overwrite",)):
        result = upscale("a.png", "-o", project, *options)
        assert result.exit_code == 1
        assert f"would be overwritten; choose a folder other than {project}" in result.output
        (project / "below/a.png").write_bytes((project / "a.png").read_bytes())
        result = upscale("a.png", "below", "-o", "below", *options)
        assert "below/a.png would be overwritten by the result of a.png" in result.output
        assert result.exit_code == 1
        for path in project.glob("below/*.png"):
            path.unlink()
    assert bytes_below(project) == before


def test_two_pictures_with_one_result_name_are_refused_and_the_others_processed(model, drawn_faces):
    for name in ("a.png", "a.jpg", "b.jpg"):
        Image.fromarray(drawn_faces[0].image).save(name)
    Path("b.cr2").write_bytes(b"II*\0\x10\0\0\0CR\2\0")
    result = upscale("a.png", "a.jpg", "b.jpg", "b.cr2", "-o", "out")
    assert "a.png and a.jpg would both become a.png; rename one of them" in result.output
    assert "b.cr2: a camera's raw file: develop it" in result.output
    assert result.exit_code == 1
    assert [path.name for path in Path("out").iterdir()] == ["b.png"]


def test_results_of_an_earlier_run_are_removed(model, drawn_faces):
    two = np.full((256, 470, 3), 128, np.uint8)
    two[:, :256] = drawn_faces[0].image
    two[20:220, 265:465] = bicubic(drawn_faces[1].image[None], 200, 200)[0]
    Image.fromarray(two).save("a.jpg", quality=95)
    assert upscale("a.jpg", "-o", "out", "--only-faces").exit_code == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.face1.png", "a.face2.png"]
    Image.fromarray(drawn_faces[0].image).save("a.jpg", quality=95)
    assert (
        "a.face1.png and 1 more: already exists"
        in upscale("a.jpg", "-o", "out", "--only-faces").output
    )
    assert upscale("a.jpg", "-o", "out", "--only-faces", "--overwrite").exit_code == 0
    assert [path.name for path in Path("out").iterdir()] == ["a.png"]
    Image.new("RGB", (90, 90)).save("a.jpg")
    assert upscale("a.jpg", "-o", "out", "--only-faces", "--overwrite").exit_code == 1
    assert not list(Path("out").iterdir())


def test_results_below_an_input_folder_are_not_inputs(model, drawn_faces):
    Path("pics/own").mkdir(parents=True)
    Image.fromarray(drawn_faces[0].image).save("pics/a.jpg", quality=95)
    Image.fromarray(drawn_faces[1].image).save("pics/own/b.png")  # the user's, beside results
    assert "2 faces of 2 pictures" in upscale("pics", "-o", "pics/own").output
    for out in ("pics/own", "elsewhere"):
        result = upscale("pics", "-o", out, "--overwrite")
        assert result.exit_code == 0, result.output
        assert "2 faces of 2 pictures, 2 skipped" in result.output
    names = [path.relative_to("elsewhere").as_posix() for path in Path("elsewhere").rglob("*.png")]
    assert sorted(names) == ["a.png", "own/b.png"]


def test_a_batch_continues_after_an_unreadable_file(model, drawn_faces, monkeypatch):
    pics = Path("pics")
    (pics / "@eaDir/a.jpg").mkdir(parents=True)
    (pics / "__MACOSX").mkdir()
    for name in ("a.jpg", "z.jpg", "refused.jpg", "._a.jpg", ".hidden.jpg", "__MACOSX/z.jpg"):
        Image.fromarray(drawn_faces[0].image).save(pics / name, quality=95)
    Image.fromarray(drawn_faces[0].image).save(pics / "@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg")
    (pics / "gone.jpg").symlink_to("nowhere.jpg")
    (pics / "circle").symlink_to(pics.resolve())
    (pics / "text.jpg").write_text("no picture")
    os.mkfifo(pics / "pipe.jpg")
    opened = Path.open

    def refuse(path, *arguments, **options):
        if path.name == "refused.jpg":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refuse)
    result = upscale("pics", "absent.jpg", "-o", "out")
    assert result.exit_code == 1
    for line in (
        "pics/refused.jpg: Permission denied",
        "pics/gone.jpg: No such file or directory; a broken link?",
        "pics/circle: a linked folder, which is not followed",
        "pics/text.jpg: not an image in a known format",
        "pics/pipe.jpg: named like a photograph, but neither a file nor a folder",
        "absent.jpg: No such file or directory",
    ):
        assert line in result.output
    assert "out: 2 faces of 2 pictures, 6 without a result, 4 skipped" in result.output
    assert sorted(path.name for path in Path("out").iterdir()) == ["a.png", "z.png"]


def test_a_profile_is_converted_from(model, random):
    """A picture of the input size goes to the network as it is, in sRGB."""
    lr = random.integers(60, 200, (16, 16, 3), dtype=np.uint8)
    icc = matrix_profile(ADOBE_RGB, "2.2")
    Image.fromarray(lr).save("lr.png", icc_profile=icc)
    converted = decode(Path("lr.png").read_bytes(), 1000)
    assert np.abs(converted.astype(int) - lr).max() > 5
    assert upscale("lr.png", "-o", "out").exit_code == 0
    assert np.abs(read("out/lr.png") - expected(model, converted)).max() <= 1


def test_which_network_is_meant_must_be_clear(model, project, random):
    Image.fromarray(random.integers(0, 256, (16, 16, 3), dtype=np.uint8)).save("lr.png")
    wrong = upscale("lr.png", "-o", "out", "-s", 8).output
    assert "0 networks that enlarge 8 times in models/" in wrong
    assert "available: sample-x4 (x4)" in wrong
    assert "enlarges 4 times, not 8" in upscale("lr.png", "-o", "out", "-m", model, "-s", 8).output
    wrong = upscale("lr.png", "-o", "out", "-m", "nix").output
    assert "no config.json in nix/ nor in models/nix/network/" in wrong
    other = project / "models/other/network"
    load(model, "cpu").save_pretrained(other)
    wrong = upscale("lr.png", "-o", "out", "-m", "other").output
    assert "models/other/network/made_by.json: does not record how its training faces" in wrong
    assert "2 networks in models/" in upscale("lr.png", "-o", "out").output
    assert "no photograph found" in upscale("models", "-o", "out").output
    assert upscale("lr.png", "-o", "out", "-m", "sample-x4").exit_code == 0


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_face_goes_into_the_network_upright(model, drawn_faces, turn):
    """A rotated picture gives the upright one's result, rotated; `boxes` are in its own pixels."""
    edit_record(model, {"turns": [90, 180, 270]})
    photo = np.full((120, 160, 3), 90, np.uint8)
    photo[10:82, 30:102] = bicubic(drawn_faces[0].image[None], 72, 72)[0]
    turned = np.rot90(photo, -turn // 90)
    for name, picture in (("upright.png", photo), ("turned.png", turned)):
        Image.fromarray(picture).save(name)
    done = upscale("upright.png", "turned.png", "-o", "out", "--boxes")
    assert done.exit_code == 0, done.output
    assert "2 faces of 2 pictures" in done.output
    made = np.rot90(read("out/turned.png"), turn // 90)
    assert (
        np.abs(made - read("out/upright.png")).max() <= 2
    )  # bicubic rounds between rows and columns
    (face,) = json.loads(Path("out/turned.json").read_text())["faces"]
    assert face["turn"] == turn
    (upright,) = json.loads(Path("out/upright.json").read_text())["faces"]
    assert "turn" not in upright
    marked = [np.zeros((120, 160)), np.zeros(turned.shape[:2])]
    for mark, (x0, y0, x1, y1) in zip(marked, (upright["box"], face["box"]), strict=True):
        mark[max(y0, 0) : y1, max(x0, 0) : x1] = 1
    np.testing.assert_array_equal(np.rot90(marked[1], turn // 90), marked[0])
    assert upscale("turned.png", "upright.png", "-o", "faces", "--only-faces").exit_code == 0
    np.testing.assert_array_equal(read("faces/turned.png"), read("faces/upright.png"))


def test_without_turns_a_rotated_face_is_enlarged_by_bicubic_and_reported(model, drawn_faces):
    edit_record(model, {"turns": []})
    Image.fromarray(np.rot90(drawn_faces[0].image)).save("a.png")
    result = upscale("a.png", "-o", "out")
    assert "a.png: no face found; enlarged by bicubic alone" in result.output


def test_faces_are_found_as_in_training_or_by_dlib_if_weights_are_missing(model, drawn_faces):
    edit_record(model, {"landmarks": "fan", "detector": "yunet"})
    Image.fromarray(drawn_faces[0].image).save("a.png")
    result = upscale("a.png", "-o", "out")
    assert result.exit_code == 0, result.output
    assert "detected by dlib, those of the training by fan and yunet: " in result.output
    edit_record(model, {"landmarks": "dlib", "detector": None})
    assert "found by dlib" not in upscale("a.png", "-o", "again").output
    assert np.array_equal(read("out/a.png"), read("again/a.png"))


def edit_record(model, changes: dict) -> None:
    """Change the record of how the network's training faces were cropped."""
    record = json.loads((model / MADE_BY).read_text())
    record["faces"] |= changes
    (model / MADE_BY).write_text(json.dumps(record))
    load_enlarger.cache_clear()  # as in a new process
