"""Weights that active entries need: named at once, and only stages that lack them stop."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from pipeline import resolve
from pipeline.settings import inputs
from pipeline.settings.params import load
from pipeline.settings.required_weights import problems, required
from pipeline.settings.resolved import entry
from wnet.files.weights import MissingWeights

ALL = {
    "recipes.sample.crop.landmarks": "fan",
    "recipes.sample.parse.method": "bisenet",
    "recipes.sample.reference.landmarks": "fan",
    "recipes.sample.reference.detector": "yunet",
    "recipes.sample.reference.identity": "arcface",
    "runs.wnet-small.loss.perceptual": 0.1,
    "quality.lpips": ["alex", "vgg", "squeeze"],
}


@pytest.fixture
def nothing_there(project, monkeypatch):
    """No weights in weights/, in torch hub's cache, or in the package facexlib."""
    monkeypatch.setenv("TORCH_HOME", str(project / "torch"))
    monkeypatch.setattr("wnet.files.weights.find_spec", lambda name: None)


def missing() -> list[str]:
    return problems(load())


def put(*names):
    Path("weights").mkdir(exist_ok=True)
    for name in names:
        Path("weights", name).touch()


def test_the_sample_needs_none(nothing_there):
    assert missing() == []


def test_a_missing_file_is_named_with_its_hash_its_source_and_what_brings_it(
    nothing_there, edit_params
):
    edit_params({"recipes.sample.parse.method": "bisenet"})
    (line,) = missing()
    for part in (
        "parse needs recipes.sample.parse.method = bisenet",
        "parsing_bisenet.pth",
        "468e13ca13a9b43cc0881a9f99083a430e9c0a38abd935431d1c28ee94b26567",
        "weights, ",
        "torch/hub/checkpoints",
        "https://github.com/xinntao/facexlib/releases/download/v0.2.0/parsing_bisenet.pth",
        "`wnet weights fetch`",
        "`wnet weights import FOLDER`",
    ):
        assert part in line


def test_every_choice_asks_for_its_files(nothing_there, edit_params):
    edit_params(ALL)
    needed: dict[str, set[str]] = {}
    for need in required(load()):
        needed.setdefault(need.stage, set()).add(need.role)
    assert needed == {
        "crop": {"fan", "sfd"},
        "parse": {"bisenet"},
        "reference": {"fan", "yunet", "arcface"},
        "train": {"vgg19"},
        "quality": {"alexnet", "vgg16", "squeezenet"},
        "landmarks": {"fan", "yunet"},
        "identity": {"arcface"},
    }
    said = missing()
    files = {need.checkpoint.file for need in required(load())}
    assert len(said) == len(files) == 9  # a line a file
    assert all(any(name in line for line in said) for name in files)
    put(*files)
    assert missing() == []


def test_resolve_names_them_and_only_the_stage_that_needs_them_stops(nothing_there, edit_params):
    """Cropping does not need VGG-19, but the missing file is reported hours before training."""
    edit_params({"runs.wnet-small.loss.perceptual": 0.1})
    resolved = CliRunner().invoke(resolve.main, ["resolved.json", "artifacts/dvc.yaml"])
    assert resolved.exit_code == 0
    assert (
        "train needs runs.wnet-small.loss.perceptual = 0.1: vgg19-dcbb9e9d.pth" in resolved.stderr
    )
    entry("crop", "sample", inputs.CropInputs).inputs.files()
    with pytest.raises(MissingWeights, match=r"vgg19-dcbb9e9d\.pth"):
        entry("train", "sample-x4", inputs.TrainInputs).inputs.files()


def test_weights_that_are_published_without_a_hash_need_one_in_params(nothing_there, edit_params):
    edit_params({"recipes.sample.reference.identity": "adaface"})
    assert "adaface_ir50_ms1mv2.safetensors" in missing()[0]
    put("adaface_ir50_ms1mv2.safetensors")
    (line,) = missing()
    assert "weights.adaface.sha256 is empty" in line
    with pytest.raises(MissingWeights, match=r"weights\.adaface\.sha256 is empty"):
        entry("identity", "sample-x4", inputs.IdentityInputs).inputs.files()
    edit_params({"weights.adaface.sha256": "0" * 64})
    assert missing() == []


def test_a_recipe_may_have_weights_of_its_own(nothing_there, edit_params):
    own = {"file": "narrow.pth", "sha256": "ab" * 32}
    edit_params(
        {"recipes.sample.parse.method": "bisenet", "recipes.sample.weights": {"bisenet": own}}
    )
    assert "narrow.pth" in missing()[0]
    put("narrow.pth")
    assert missing() == []
    assert load().weights["bisenet"].file == "parsing_bisenet.pth"


def test_celeba_and_helen_in_both_modes_lack_nothing_once_the_weights_are_there(
    nothing_there, project, edit_params
):
    content = YAML(typ="safe").load(project / "params.yaml")
    plain = json.loads(json.dumps(content["paper"]))
    edit_params(plain)
    assert len(missing()) == 5  # FAN, S3FD, BiSeNet, VGG-19, AdaFace
    put(*{need.checkpoint.file for need in required(load())})
    edit_params({"weights.adaface.sha256": "0" * 64})
    assert missing() == []
    assert len(load().trainings) == 4
