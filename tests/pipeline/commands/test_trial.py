"""`wnet try`: scores on a folder of photographs, and a report of what is left out."""

import csv
import json
import shutil

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio
from torchvision.models import alexnet

from pipeline.commands.cli import main
from pipeline.settings import params
from wnet.crops.rules import crop_box, cut_out
from wnet.data.resize import bicubic
from wnet.landmarks.methods.dlib import dlib_landmarks
from wnet.networks.saved import load

SIDE, SCALE = 64, 4


def attempt(*arguments):
    return CliRunner().invoke(main, ["try", *map(str, arguments)])


@pytest.fixture
def album(model, drawn_faces, project):
    """Five photographs with a face, one of them as a copy and one small, and four without."""
    folder = project / "album"
    (folder / "deep").mkdir(parents=True)
    for number, face in enumerate(drawn_faces[:5]):
        Image.fromarray(face.image).save(folder / f"{number}.png")
    shutil.copy(folder / "0.png", folder / "deep/again.png")
    Image.fromarray(drawn_faces[5].image).resize((80, 80)).save(folder / "small.png")
    Image.new("RGB", (200, 200), "navy").save(folder / "blue.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "notes.txt").write_text("no photograph")
    return folder


def expected(photo, model):
    """Original, bicubic and the network's picture of the largest face, computed by hand."""
    crop = params.load().recipes["sample"].crop
    image = np.asarray(Image.open(photo))
    finder = dlib_landmarks(crop.detection_side, crop.upsampling)
    (boxes,) = finder.detect([image])
    (points,) = finder.predict([image], boxes[:1])
    hr = bicubic(cut_out(image, crop_box(crop, image.shape[:2], points, None))[None], SIDE, SIDE)
    lr = bicubic(hr, SIDE // SCALE, SIDE // SCALE)
    with torch.no_grad():
        made = load(model, "cpu")(torch.from_numpy(lr).permute(0, 3, 1, 2).float() / 255)["sr"]
    sr = (made.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
    return hr[0], bicubic(lr, SIDE, SIDE)[0], sr[0]


def rows(path):
    with path.open(newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_every_photograph_is_measured_or_listed_and_the_figures_are_those_by_hand(
    album, model, project
):
    before = (project / "params.yaml").read_bytes()
    done = attempt(album, "-o", "out")
    assert done.exit_code == 0, done.output
    scores, left = rows(project / "out/faces.csv"), rows(project / "out/rejected.csv")
    assert scores.keys() | left.keys() == {
        *(f"{number}.png" for number in range(5)),
        *("deep/again.png", "small.png", "blue.png", "broken.jpg"),
    }
    assert {name: row["reason"] for name, row in left.items()} == {
        "blue.png": "no face",
        "broken.jpg": "unreadable",
        "deep/again.png": "copy",
        "small.png": "too small",
    }
    assert "0.png" in left["deep/again.png"]["detail"]
    differences = []
    for name, row in scores.items():
        hr, smooth, sr = expected(album / name, model)
        found = [float(row[f"{method}_rgb_psnr"]) for method in ("bicubic", "sr")]
        by_hand = [peak_signal_noise_ratio(hr, made, data_range=255) for made in (smooth, sr)]
        assert found == pytest.approx(by_hand, abs=0.01)
        differences.append(found[1] - found[0])
    facts = json.loads((project / "out/summary.json").read_text())
    measured = facts["scores"]["rgb_psnr"]
    assert measured["difference"] == pytest.approx(np.mean(differences), abs=1e-5)
    assert measured["low"] < measured["difference"] < measured["high"] < 0
    assert (measured["verdict"], measured["won"]) == ("worse", 0)
    assert (facts["photographs"], facts["faces"], facts["other_files"]) == (9, 5, 1)
    assert "5 faces of 9 photographs, 16 to 64 px" in done.output
    assert "0 of 5  worse" in done.output
    assert "left out: " in done.output
    assert "So few faces are unreliable" in done.output
    assert "LPIPS is not measured: `wnet weights fetch alexnet`" in done.output
    sheet = Image.open("out/contact_sheet.png")
    assert sheet.width > 4 * 192
    assert (project / "params.yaml").read_bytes() == before
    assert sorted(path.name for path in project.iterdir()) == [
        *("album", "models", "out", "params.yaml", "resolved.json"),
    ]


def test_the_same_folder_gives_the_same_bytes(album, project):
    for out in ("one", "two"):
        assert attempt(album, "-o", out).exit_code == 0
    for name in ("faces.csv", "rejected.csv", "summary.json", "contact_sheet.png"):
        assert (project / "one" / name).read_bytes() == (project / "two" / name).read_bytes()


def test_an_existing_folder_and_one_among_the_photographs_are_refused(album, project):
    (project / "tried/album").mkdir(parents=True)
    refused = attempt(album)
    assert refused.exit_code == 1
    assert "tried/album already exists; choose another folder by --out" in refused.output
    assert not list((project / "tried/album").iterdir())
    refused = attempt(album, "-o", album / "out")
    assert "whose photographs are read" in refused.output
    assert not (album / "out").exists()


def test_cropped_faces_are_used_whole(model, project, random):
    faces = project / "faces"
    faces.mkdir()
    for number in range(2):
        noise = random.integers(0, 256, (80, 80, 3), dtype=np.uint8)
        Image.fromarray(noise).save(faces / f"{number}.png")
    Image.new("RGB", (80, 100)).save(faces / "tall.png")
    Image.new("RGB", (32, 32)).save(faces / "tiny.png")
    done = attempt(faces, "--cropped")
    assert done.exit_code == 0, done.output
    left = {name: row["reason"] for name, row in rows(project / "tried/faces/rejected.csv").items()}
    assert left == {"tall.png": "not square", "tiny.png": "too small"}
    unlike = "rule is as_is, landmarks in the training"
    assert f"cropped otherwise than those of the training: {unlike}." in done.output
    summary = json.loads((project / "tried/faces/summary.json").read_text())
    assert summary["unlike_training"] == [unlike]
    hr = bicubic(np.asarray(Image.open(faces / "1.png"))[None], SIDE, SIDE)
    large = bicubic(bicubic(hr, 16, 16), SIDE, SIDE)
    found = rows(project / "tried/faces/faces.csv")["1.png"]["bicubic_rgb_psnr"]
    by_hand = peak_signal_noise_ratio(hr, large, data_range=255)
    assert float(found) == pytest.approx(by_hand, abs=1e-4)


def test_a_folder_without_usable_faces_is_refused_with_the_reason(model, project):
    faces = project / "faces"
    faces.mkdir()
    Image.new("RGB", (20, 20)).save(faces / "tiny.png")
    done = attempt(faces, "--cropped")
    assert done.exit_code == 1
    assert "none of 1 photographs could be cropped; 1 for 'too small', tiny.png" in done.output
    assert not list((project / "tried").iterdir())


def test_lpips_is_measured_if_its_network_is_present(album, project, edit_params, monkeypatch):
    import hashlib

    with torch.no_grad():
        features = alexnet(weights=None).features.state_dict()
    (project / "weights").mkdir()
    trunk = project / "weights/trunk.pth"
    torch.save({f"features.{name}": value for name, value in features.items()}, trunk)
    digest = hashlib.sha256(trunk.read_bytes()).hexdigest()
    edit_params({"weights.alexnet": {"file": "trunk.pth", "sha256": digest}})
    done = attempt(album, "-o", "out")
    assert done.exit_code == 0, done.output
    assert "LPIPS (alex)" in done.output
    facts = json.loads((project / "out/summary.json").read_text())
    assert facts["trunks"] == {"alexnet": digest}
    assert facts["scores"]["alex_lpips"]["sr"] > 0
    trunk.write_bytes(trunk.read_bytes()[:-1])
    refused = attempt(album, "-o", "again")
    assert refused.exit_code == 1
    assert "trunk.pth: its SHA-256 is" in refused.output


def test_a_turned_photograph_is_measured_as_upright(model, drawn_faces, project):
    folder = project / "turned"
    folder.mkdir()
    for number, face in enumerate(drawn_faces[:2]):
        Image.fromarray(face.image[::-1, ::-1]).save(folder / f"{number}.png")
        Image.fromarray(face.image).save(folder / f"upright{number}.png")
    done = attempt(folder, "-o", "out")
    assert done.exit_code == 0, done.output
    scores = rows(project / "out/faces.csv")
    for number in range(2):
        mine, other = scores[f"{number}.png"], scores[f"upright{number}.png"]
        assert {**mine, "name": ""} == {**other, "name": ""}
