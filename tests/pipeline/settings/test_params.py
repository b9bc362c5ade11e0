"""params.yaml is read strictly: one line per error, with the key, its value and what is allowed."""

import copy
from functools import reduce

import pytest
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.settings.params import BadParameters, checked, load
from pipeline.settings.resolution import items
from pipeline.settings.schema import Params

CONTENT = YAML(typ="safe").load(ROOT / "params.yaml")
EVALUATION = {"training": "lost", "dataset": "lost", "split": "lost", "scale": 4}


def error_of(edit_params, changes: dict) -> str:
    edit_params(changes)
    with pytest.raises(BadParameters) as caught:
        load()
    return str(caught.value)


def test_the_committed_file_is_valid_and_recipes_override_sections(project):
    params = load()
    assert isinstance(params, Params)
    assert params.recipes["sample"].crop.resolution == 64
    assert params.recipes["celeba"].crop == params.crop.model_copy(update={"min_side": 0})
    assert params.runs["wnet-small"].model.width == 16
    assert params.runs["wnet-small"].model.attention_heads == params.model.attention_heads
    assert params.runs["wnet"].model == params.model


def test_the_papers_modes_are_inactive_entries(project):
    paper = load().paper
    combinations = {(t.split, t.scale) for t in paper.trainings.values()}
    assert combinations == {("mode1", 4), ("mode1", 8), ("mode2", 4), ("mode2", 8)}
    assert {(e.dataset, e.scale) for e in paper.evaluations.values()} == {
        ("celeba", 4),
        ("celeba", 8),
        ("helen", 4),
        ("helen", 8),
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"crop.colour": 1}, "crop.colour = 1: no such key"),
        ({"train.epochs": "many"}, "train.epochs = 'many'"),
        ({"train.epochs": 0}, "train.epochs = 0: Input should be greater than or equal to 1"),
        ({"train.learning_rate": float("nan")}, "train.learning_rate = nan"),
        ({"loss.pixel": -1.0}, "loss.pixel = -1.0"),
        ({"model.use_scab": 1}, "model.use_scab = 1: Input should be a valid boolean"),
        ({"recipes.sample.crop.rule": "guess"}, "recipes.sample.crop.rule = 'guess'"),
        ({"recipes.sample.crop.extend": 1.5}, "recipes.sample.crop.extend = 1.5"),
        ({"runs.wnet-small.train.batch": 2.5}, "runs.wnet-small.train.batch = 2.5"),
        ({"recipes.sample.splits.fractions.by": "luck"}, "recipes.sample.splits.fractions"),
        ({"quality.protocols": []}, "quality.protocols = []"),
        ({"datasets": ["../etc"]}, "datasets.0 = '../etc': a name has letters without accents"),
    ],
)
def test_a_bad_value_is_named(edit_params, changes, said):
    message = error_of(edit_params, changes)
    assert f"params.yaml: {said}" in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"datasets": ["sample", "mine"]}, "datasets: mine has no entry in recipes"),
        ({"pyramids.sample-x4.scale": 8}, "pyramids.sample-x4: must be called sample-x8"),
        ({"splits.sample-fractions.split": "mode1"}, "must be called sample-mode1"),
        ({"trainings.sample-x4.run": "wnut"}, "trainings.sample-x4.run = wnut: not in runs"),
        ({"trainings.sample-x4.scale": 8}, "needs sample-x8 among pyramids"),
        ({"evaluations": {}}, "comparisons.sample-fractions-x4: none of evaluations is of it"),
        ({"comparisons.sample-fractions-x4.scale": 8}, "must be called sample-fractions-x8"),
        ({"evaluations.sample-x4.training": "x"}, "training = x: not among trainings"),
        # 32 pixels / 4 leave a low-resolution face of 8, which the hourglass cannot halve 4 times
        ({"recipes.sample.crop.resolution": 32}, "an LR side of 8 px cannot be halved 4 times"),
        ({"runs.wnet-small.model.width": 20, "model.attention_heads": 8}, "width is 20"),
        ({"runs.wnet-small.model.encoder_depth": 2}, "decoder_factors"),
    ],
)
def test_entries_that_do_not_fit_together_are_named(edit_params, changes, said):
    assert said in error_of(edit_params, changes)


def with_family(crop: dict) -> dict:
    """Changes that also evaluate the sample's network on a dataset with these crop settings."""
    splits = {"all": {"by": "all"}}
    reference = {"landmarks": "dlib", "identity": "dlib"}
    recipe = {"weights": {}, "parse": {"method": "landmarks"}, "reference": reference}
    item = {"dataset": "family", "split": "all"}
    return {
        "datasets": ["sample", "family"],
        "recipes.family": {**recipe, "crop": {"landmarks": "dlib", **crop}, "splits": splits},
        "pyramids.family-x4": {"dataset": "family", "scale": 4},
        "splits.family-all": item,
        "evaluations.family": {"training": "sample-x4", "scale": 4, **item},
    }


def test_faces_of_another_size_than_the_trainings_are_refused(edit_params):
    said = "family: faces of 128 pixels, and sample-x4 is trained on 64; set recipes.family.crop"
    assert said in error_of(edit_params, with_family({}))


@pytest.mark.parametrize(
    ("crop", "unlike"),
    [
        ({"upsampling": 2}, ()),
        ({"extent": 2.0}, ("crop.extent is 2.0, 1.5 in the training",)),
        ({"rule": "as_is", "extent": 2.0}, ("crop.rule is as_is, landmarks in the training",)),
        ({"dic_expansion": 0.5}, ()),  # which this rule does not use
        ({"landmarks": "fan"}, ("crop.landmarks is fan, dlib in the training",)),
    ],
)
def test_faces_cropped_otherwise_than_the_trainings_are_known(edit_params, crop, unlike):
    edit_params(with_family({"resolution": 64, **crop}))
    made = {(item.stage, item.name): item.inputs for item in items(load())}
    assert made["report", "family"].unlike == unlike
    assert made["index", "all"].unlike == {"sample-x4": (), "family": unlike}
    assert made["split", "family-all"].needed == ("test",)
    assert made["split", "sample-fractions"].needed == ("train", "validation", "test")


def test_a_split_without_test_faces_cannot_be_evaluated(edit_params):
    said = "evaluations.sample-x4.split = fractions: leaves no faces to test"
    assert said in error_of(edit_params, {"recipes.sample.splits.fractions.test": 0.0})
    edit_params({"evaluations": {}, "comparisons": {}})
    assert load().recipes["sample"].splits["fractions"].test == 0


def test_another_network_is_described_by_its_own_keys_alone(edit_params):
    edit_params({"trainings.sample-x4.run": "edsr"})
    model = load().runs["edsr"].model
    assert model.model_dump() == {
        "network": "edsr", "width": 64, "blocks": 16, "residual_scale": 1.0
    }  # fmt: skip
    assert "runs.edsr.model.depth" in error_of(edit_params, {"runs.edsr.model.depth": 3})


def test_several_errors_are_reported_at_once(edit_params):
    message = error_of(edit_params, {"train.epochs": 0, "train.batch": 0})
    assert len(message.splitlines()) >= 2


def test_a_missing_file_and_invalid_yaml_are_reported(project):
    (project / "params.yaml").write_text("a: [")
    with pytest.raises(BadParameters, match=r"params\.yaml"):
        load()
    (project / "params.yaml").write_text("- a\n- b\n")
    with pytest.raises(BadParameters, match="mapping"):
        load()
    (project / "params.yaml").unlink()
    with pytest.raises(BadParameters, match="root of a clone"):
        load()


def test_numbers_are_read_as_dvc_reads_them(edit_params, project):
    text = (project / "params.yaml").read_text().replace("epsilon: 1.0e-8", "epsilon: 1e-8")
    (project / "params.yaml").write_text(text)
    assert load().train.epsilon == 1e-8


def moved(content: dict, left: object) -> dict:
    """Activate the blocks of `paper`, as in README.md; `left` replaces their content there."""
    return content | content["paper"] | {"paper": left}


@pytest.mark.parametrize("left", [None, {}, {"trainings": None, "datasets": []}])
def test_the_papers_blocks_can_be_moved_up(left):
    assert len(checked(moved(CONTENT, left)).trainings) == 4
    content = moved(CONTENT, left)
    del content["paper"]
    assert len(checked(content).evaluations) == 8


def test_some_of_the_papers_entries_can_be_moved_and_others_left():
    content = copy.deepcopy(CONTENT)
    paper = content["paper"]
    content["datasets"] = ["celeba"]
    for block, name in (
        ("pyramids", "celeba-x4"),
        ("splits", "celeba-mode2"),
        ("trainings", "mode2-x4"),
        ("evaluations", "mode2-x4-celeba"),
        ("comparisons", "celeba-mode2-x4"),
    ):
        content[block] = {name: paper[block].pop(name)}
    assert list(checked(content).trainings) == ["mode2-x4"]


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"crop.resolution": 64}, ()),
        ({"crop.resolution": 1024, "runs.wnet.loss": {"pixel": 0, "key_regions": 0}}, ()),
        ({"paper.trainings.mode1-x4.run": "lost", "paper.evaluations.new": EVALUATION}, ()),
        ({}, ("recipes.celeba", "recipes.helen", "runs.wnet", "runs.wnet-mode2", "runs.edsr")),
        ({"recipes.celeba": None, "runs.wnet": None}, ("recipes.sample.weights",)),
        ({}, ("comparisons",)),
        ({}, ("trainings", "evaluations", "comparisons", "runs")),
    ],
)
def test_what_is_inactive_constrains_nothing(edit_params, project, changes, gone):
    edit_params(changes)
    content = YAML(typ="safe").load(project / "params.yaml")
    for key in gone:
        *above, last = key.split(".")
        del reduce(dict.__getitem__, above, content)[last]
    assert checked(content).datasets == ("sample",)


def test_the_case_of_moved_blocks_is_valid(real_data):
    """Its five blocks were moved out of `paper`, which is left empty; other keys are outdated."""
    path = real_data / "cases/params_blocks_moved.yaml"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    case = YAML(typ="safe").load(path)
    assert case["paper"] is None
    moved = ("datasets", "pyramids", "splits", "trainings", "evaluations", "paper")
    content = copy.deepcopy(CONTENT) | {block: case[block] for block in moved}
    content["comparisons"] = {}
    assert len(checked(content).evaluations) == 8


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"crop.extend": 1.5}, "crop.extend = 1.5: no such key; did you mean 'extent'?"),
        ({"croop": {}}, "croop = {}: no such key; did you mean 'crop'?"),
        ({"runs.edsr.model.widht": 3}, "model.widht = 3: no such key; did you mean 'width'?"),
        ({"runs.edsr.model.network": "edrs"}, "did you mean 'edsr'?"),
        ({"recipes.sample.splits.fractions.by": "fraction"}, "did you mean 'fractions'?"),
        ({"recipes.sample.splits.fractions.tset": 0.1}, "did you mean 'test'?"),
        ({"crop.rule": "AS-IS"}, "did you mean 'as_is'?"),
        ({"datasets": ["Sample"]}, "datasets: Sample has no entry in recipes; did you mean 'sam"),
        ({"trainings.sample-x4.dataset": "sampel"}, "not among datasets; did you mean 'sample'?"),
        ({"trainings.sample-x4.split": "fraction"}, "splits; did you mean 'fractions'?"),
        ({"trainings.sample-x4.run": "wnet_small"}, "did you mean 'wnet-small'?"),
        ({"trainings.sample-x4.scal": 4}, "did you mean 'scale'?"),
        ({"evaluations.sample-x4.training": "sample-4x"}, "did you mean 'sample-x4'?"),
        ({"trainings": None}, "trainings = None: is empty; write {} where there is nothing"),
    ],
)
def test_a_similar_name_is_suggested_once(edit_params, changes, said):
    lines = error_of(edit_params, changes).splitlines()
    assert len([line for line in lines if said in line]) == 1, lines
