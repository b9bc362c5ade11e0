"""`wnet new`: a folder becomes a dataset that the stages accept, or nothing is changed."""

import shutil
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner
from params_file import edit_keys
from PIL import Image

from pipeline.commands import estimates, inspection
from pipeline.commands.cli import main
from pipeline.crop import crop_photographs
from pipeline.settings import params
from pipeline.settings.inputs import CropInputs


@pytest.fixture(autouse=True)
def little_time(project, monkeypatch, one_thread):
    small = {"runs.wnet-small.model.width": 8, "runs.wnet-small.train.batch": 2}
    edit_keys(project / "params.yaml", small)
    monkeypatch.setattr(estimates, "SECONDS", 0.0)
    monkeypatch.setattr(inspection, "FEW", 4)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory, drawn_faces):
    """Eight drawn photographs of 256 px, one of them in a separate folder."""
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "deep").mkdir()
    for number, face in enumerate(drawn_faces):
        name = f"deep/{number}.png" if number == 7 else f"{number}.png"
        Image.fromarray(face.image).resize((160, 160)).save(folder / name)
    return folder


@pytest.fixture
def album(pictures, tmp_path):
    return shutil.copytree(pictures, tmp_path / "elsewhere/album")


def new(*arguments):
    return CliRunner().invoke(main, ["new", *map(str, arguments)])


def refused(project, *arguments):
    """The error message; params.yaml and data/ are unchanged."""
    before = (project / "params.yaml").read_bytes()
    there = sorted((project / "data").rglob("*"))
    result = new(*arguments)
    assert result.exit_code == 1, result.output
    assert (project / "params.yaml").read_bytes() == before
    assert sorted((project / "data").rglob("*")) == there
    return result.output


def test_a_folder_becomes_a_dataset_that_can_be_cropped_and_trained(project, album):
    (album / "notes.txt").write_text("of the summer")
    (album / ".hidden.png").write_bytes(b"")
    before = params.load()
    result = new("family", album)
    assert result.exit_code == 0, result.output
    after = params.load()
    assert after.datasets == (*before.datasets, "family")
    assert after.recipes["sample"] == before.recipes["sample"]
    training = after.trainings["family-x4"]
    assert (training.run, training.split, training.scale) == ("wnet-small", "fractions", 4)
    assert after.evaluations["family-x4"].training == "family-x4"
    assert "family-fractions-x4" in after.comparisons
    copied = {path.relative_to(project / "data/raw/family").as_posix(): path.read_bytes()
              for path in (project / "data/raw/family").rglob("*") if path.is_file()}  # fmt: skip
    theirs = {path.relative_to(album).as_posix(): path.read_bytes()
              for path in album.rglob("*") if path.is_file() and path.name[0] != "."}  # fmt: skip
    assert copied == theirs
    rule = CropInputs(crop=after.recipes["family"].crop)
    counts = crop_photographs("", project / "data/raw/family", project / "made", rule)
    for said in (
        "8 photographs, 1 other file, 1 skipped",
        "notes.txt: not used",
        "of 4 photographs examined, 4 have a face",
        "dvc repro pyramid@family-x4 split@family-fractions",
        f"crops about {counts['cropped']} faces in under a minute",
        "trains wnet-small on about 6 faces, 16 times each, in",
        "brings the other trainings up to date: sample-x4",
    ):
        assert said in result.output, result.output


def test_photographs_already_in_place_are_used_there(project, album):
    place = project / "data/raw/family"
    place.parent.mkdir(parents=True)
    place.symlink_to(album)
    assert "already exists" in refused(project, "family", project)
    result = new("family", place)
    assert result.exit_code == 0, result.output
    assert place.is_symlink()
    assert "copied" not in result.output


def test_an_archive_is_copied_whole_with_the_lists_beside_it(project, pictures, tmp_path):
    folder = tmp_path / "packed"
    folder.mkdir()
    with zipfile.ZipFile(folder / "faces.zip", "w") as archive:
        for path in sorted(pictures.rglob("*.png")):
            archive.write(path, path.relative_to(pictures))
        archive.writestr("inside.txt", "a list")
    (folder / "who.txt").write_text("0.png anna")
    result = new("family", folder)
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (project / "data/raw/family").iterdir())
    assert names == ["faces.zip", "who.txt"]


def test_lists_beside_the_photographs_are_used(project, album):
    names = sorted(path.relative_to(album).as_posix() for path in album.rglob("*.png"))
    (album / "identity_CelebA.txt").write_text(
        "".join(f"{name} {number}\n" for number, name in enumerate(names))
    )
    boxes = "".join(f"{name} 38 38 80 80\n" for name in names)
    (album / "list_bbox_celeba.txt").write_text(f"8\nimage_id x_1 y_1 width height\n{boxes}")
    result = new("family", album)
    assert result.exit_code == 0, result.output
    recipe = params.load().recipes["family"]
    assert recipe.crop.rule == "celeba_bbox"
    assert recipe.splits["fractions"].identities == "identity_CelebA.txt"
    assert "list_bbox_celeba.txt: boxes of 8 of 8 photographs" in result.output
    for subset, some in (("train", names[:5]), ("val", names[5:6]), ("test", names[6:])):
        (album / f"{subset}.txt").write_text("\n".join(some))
    assert new("listed", album).exit_code == 0
    rule = params.load().recipes["listed"].splits["lists"]
    assert (rule.train, rule.validation, rule.test) == ("train.txt", "val.txt", "test.txt")


def test_the_rule_of_the_section_or_of_the_training_is_kept(project, album):
    rules = {"crop.rule": "dic_snippet_on_landmarks", "recipes.sample.crop.rule": "as_is"}
    edit_keys(project / "params.yaml", rules)
    assert new("family", album).exit_code == 0
    assert params.load().recipes["family"].crop.rule == "dic_snippet_on_landmarks"
    assert new("tested", album, "-m", "sample-x4").exit_code == 0  # which has cropped faces
    assert params.load().recipes["tested"].crop.rule == "landmarks"


def test_an_existing_network_is_evaluated_on_all_faces(project, album):
    result = new("family", album, "-m", "sample-x4")
    assert result.exit_code == 0, result.output
    after = params.load()
    assert list(after.trainings) == ["sample-x4"]
    assert after.evaluations["sample-x4-family"].split == "all"
    assert "evaluates sample-x4 on them" in result.output
    assert "trained with 4" in refused(project, "other", album, "-m", "sample-x4", "-s", 8)
    assert "did you mean 'sample-x4'" in refused(project, "other", album, "-m", "sampel-x4")


def test_cropped_faces_are_used_whole_or_refused_by_name(project, tmp_path, drawn_faces):
    folder = tmp_path / "aligned"
    folder.mkdir()
    for number, face in enumerate(drawn_faces):
        Image.fromarray(face.image[8:234, 20:204]).save(folder / f"{number}.png")
    assert new("aligned", folder, "--cropped").exit_code == 0
    assert params.load().recipes["aligned"].crop.rule == "centre"
    Image.fromarray(drawn_faces[0].image).save(folder / "9.png")
    said = refused(project, "mixed", folder, "--cropped")
    assert "0.png has 184 x 226 pixels and is not square" in said
    for path in folder.iterdir():
        Image.open(path).resize((100, 100)).save(path)
    assert new("square", folder, "--cropped").exit_code == 0
    assert params.load().recipes["square"].crop.rule == "as_is"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sample"], "params.yaml already has sample among datasets"),
        (["celeba"], "params.yaml already has celeba among recipes"),
        (["a/b"], "'a/b' is not a valid name"),
        (["family", "-r", "65"], "--resolution 65: Input should be a multiple of 16"),
        (["family", "-s", "8"], "--run wnet-small --scale 8 --resolution 64"),
        (["family", "--run", "wnet-smal"], "did you mean 'wnet-small'"),
        (["family", "-r", "512"], "none has the 512 px of the HR faces"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_invalid_options_are_refused_and_nothing_is_changed(project, album, arguments, said):
    name, *options = arguments
    assert said in refused(project, name, album, *options)


def test_folders_without_anything_to_use_are_refused(project, tmp_path, drawn_faces):
    folder = tmp_path / "odd"
    folder.mkdir()
    assert "has no photograph" in refused(project, "family", folder)
    for number in range(10):
        noise = np.random.default_rng(number).integers(0, 255, (150, 150, 3), np.uint8)
        Image.fromarray(noise).save(folder / f"{number}.png")
    said = refused(project, "family", folder)
    assert "no face in 4 photographs that were examined: 4 no face" in said
    assert "give --cropped" in said
    for path in sorted(folder.iterdir())[2:]:
        path.unlink()
    said = refused(project, "family", folder)
    assert "leaves no face for" in said
    assert "--model" in said
    assert "contains this project" in refused(project, "family", project)
