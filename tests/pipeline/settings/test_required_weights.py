"""Weights that active entries need: named before any work, and only by stages that lack them."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline.settings.params import BadParameters, load
from pipeline.settings.required_weights import STAGES, required

ALL = {
    "recipes.sample.crop.landmarks": "fan",
    "recipes.sample.parse.method": "bisenet",
    "recipes.sample.reference.landmarks": "fan",
    "recipes.sample.reference.fan_detector": "yunet",
    "recipes.sample.reference.identity": "arcface",
    "runs.wnet-small.loss.perceptual": 0.1,
    "quality.lpips": ["alex", "vgg", "squeeze"],
}


@pytest.fixture
def nothing_there(project, monkeypatch):
    """No weights in weights/, in torch hub's cache, nor in the package facexlib."""
    monkeypatch.setenv("TORCH_HOME", str(project / "torch"))
    monkeypatch.setattr("wnet.files.weights.find_spec", lambda name: None)


def refused(stage):
    with pytest.raises(BadParameters) as caught:
        load(stage)
    return str(caught.value).splitlines()


def put(*names):
    Path("weights").mkdir(exist_ok=True)
    for name in names:
        Path("weights", name).touch()


def test_the_sample_needs_none(nothing_there):
    for stage in STAGES:
        load(stage)


def test_a_missing_file_is_named_with_its_hash_its_source_and_what_brings_it(
    nothing_there, edit_params
):
    edit_params({"recipes.sample.parse.method": "bisenet"})
    (line,) = refused("crop")
    for part in (
        "params.yaml: recipes.sample.parse.method = bisenet",
        "parsing_bisenet.pth",
        "468e13ca13a9b43cc0881a9f99083a430e9c0a38abd935431d1c28ee94b26567",
        "weights, ",
        "torch/hub/checkpoints",
        "https://github.com/xinntao/facexlib/releases/download/v0.2.0/parsing_bisenet.pth",
        "`wnet weights fetch`",
        "`wnet weights import FOLDER`",
    ):
        assert part in line


def test_every_choice_asks_for_its_files_and_stages_for_what_is_still_ahead(
    nothing_there, edit_params
):
    edit_params(ALL)
    load()  # what is not asked to run needs nothing
    names = {
        stage: {
            need.checkpoint.file
            for need in required(load())
            if STAGES.index(need.stage) >= STAGES.index(stage)
        }
        for stage in STAGES
    }
    for stage in STAGES:
        said = refused(stage)
        assert len(said) == len(names[stage])  # a line a file
        assert all(any(name in line for line in said) for name in names[stage])
    assert len(names["crop"]) == 9
    assert names["quality"] == names["train"] - {"vgg19-dcbb9e9d.pth"}
    assert names["identity"] == {"recognition_arcface_ir_se50.pth"}
    put(*names["crop"])
    load("crop")


def test_weights_that_are_published_without_a_hash_need_one_in_params(nothing_there, edit_params):
    edit_params({"recipes.sample.reference.identity": "adaface"})
    assert "adaface_ir50_ms1mv2.safetensors" in refused("crop")[0]
    put("adaface_ir50_ms1mv2.safetensors")
    (line,) = refused("crop")
    assert "weights.adaface.sha256 is empty" in line
    edit_params({"weights.adaface.sha256": "0" * 64})
    load("crop")


def test_a_recipe_may_have_weights_of_its_own(nothing_there, edit_params):
    own = {"file": "narrow.pth", "sha256": "ab" * 32}
    edit_params(
        {"recipes.sample.parse.method": "bisenet", "recipes.sample.weights": {"bisenet": own}}
    )
    assert "narrow.pth" in refused("parse")[0]
    put("narrow.pth")
    load("parse")
    assert load().weights.bisenet.file == "parsing_bisenet.pth"


def test_celeba_and_helen_in_both_modes_are_refused_nothing_once_the_weights_are_there(
    nothing_there, project, edit_params
):
    content = YAML(typ="safe").load(project / "params.yaml")
    plain = json.loads(json.dumps(content["paper"]))
    edit_params(plain)
    assert len(refused("crop")) == 5  # FAN, S3FD, BiSeNet, VGG-19, AdaFace
    put(*{need.checkpoint.file for need in required(load())})
    edit_params({"weights.adaface.sha256": "0" * 64})
    for stage in STAGES:
        assert len(load(stage).trainings) == 4
