"""The recipes of a training: that of its run, or that of another run (`equal_to`)."""

import pytest
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.settings.entries import Training
from pipeline.settings.params import BadParameters, checked
from pipeline.settings.resolution import items

NAME = "sample-x4"


def content(**training) -> dict:
    whole = YAML(typ="safe").load(ROOT / "params.yaml")
    whole["trainings"][NAME] |= training
    return whole


def train_of(whole: dict):
    (item,) = [i for i in items(checked(whole)) if (i.stage, i.name) == ("train", NAME)]
    return item


def test_equal_is_the_other_run_s_training_with_the_network_s_own_loss():
    runs = checked(content()).runs
    equal = train_of(content(run="dic", equal_to="wnet-small")).inputs
    original = train_of(content(run="dic")).inputs
    assert equal.train == runs["wnet-small"].train
    assert original.train == runs["dic"].train
    assert equal.loss == original.loss == runs["dic"].loss
    assert equal.model == original.model == runs["dic"].model
    dumped = equal.model_dump(mode="json")
    assert "equal_to" not in dumped  # a name, which changes no result
    assert "network" not in dumped["loss"]


def test_the_recipe_is_described_in_words():
    shared = {"run": "dic", "dataset": "sample", "split": "fractions", "scale": 4}
    assert Training(**shared).recipe == "original"
    assert Training(**shared, equal_to="wnet").recipe == "equal: trained as wnet"
    own = Training(**shared, equal_to="wnet", epochs=1, learning_rate=5e-4)
    assert own.recipe == "equal: trained as wnet, for 1 epoch, learning rate 0.0005"


def test_a_missing_run_is_reported():
    with pytest.raises(BadParameters, match=rf"trainings\.{NAME}\.equal_to = wnets: not in runs"):
        checked(content(equal_to="wnets"))


def test_a_training_runs_the_objective_of_its_network_and_loads_what_that_asks_for():
    srgan, edsr = (train_of(content(run=run)) for run in ("srgan", "edsr"))
    assert "wnet.networks.srresnet.objective" in srgan.parts
    assert srgan.needed_by == {"vgg19": "runs.srgan.loss.perceptual = 0.006"}
    assert "wnet.training.pixels" in edsr.parts
    assert edsr.needed_by == {}
    fsrgan = train_of(content(run="fsrgan"))
    assert fsrgan.needed_by == {"vgg16": "runs.fsrgan.loss.perceptual = 0.1"}


def test_a_loss_has_the_keys_of_its_own_network():
    whole = content()
    whole["runs"]["edsr"]["loss"]["key_regions"] = 1.0
    with pytest.raises(BadParameters, match=r"runs\.edsr\.loss\.key_regions = 1\.0: no such key"):
        checked(whole)
    whole = content()
    whole["runs"]["edsr"]["model"]["network"] = "edrs"
    with pytest.raises(BadParameters) as caught:
        checked(whole)
    assert len(str(caught.value).split("\n")) == 1  # not said again of the loss
