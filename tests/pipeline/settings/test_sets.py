"""Sets of networks as entries of params.yaml."""

import pytest
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.settings.entries import Evaluation, Training
from pipeline.settings.params import BadParameters, checked
from pipeline.settings.resolution import items
from pipeline.settings.sets import datasets_of, entries_of


def content() -> dict:
    return YAML(typ="safe").load(ROOT / "params.yaml")


def made_active(whole: dict, *names: str) -> dict:
    params = checked(whole)
    for name in names:
        whole["datasets"] += [
            dataset
            for dataset in datasets_of(params.sets[name])
            if dataset not in whole["datasets"]
        ]
        for block, entries in entries_of(params, name).items():
            whole.setdefault(block, {}).update(
                {key: entry.model_dump() for key, entry in entries.items()}
            )
    return whole


def test_the_tables_of_the_paper_are_26_trainings_and_52_evaluations():
    params = checked(content())
    trainings, evaluations = {}, {}
    for name in ("mode1", "mode2"):
        entries = entries_of(params, name)
        trainings |= entries["trainings"]
        evaluations |= entries["evaluations"]
    assert (len(trainings), len(evaluations)) == (26, 52)
    rows = {(item.split, params.runs[item.run].model.network) for item in trainings.values()}
    assert len(rows) == 13  # of Table 1, without bicubic interpolation


def test_every_set_can_be_made_active():
    names = tuple(checked(content()).sets)
    assert checked(made_active(content(), *names)).evaluations.keys() >= {"mode1-edsr-x8-helen"}


def test_an_existing_entry_keeps_its_name():
    entries = entries_of(checked(content()), "sample")
    assert entries["trainings"]["sample-x4"].run == "wnet-small"
    assert entries["evaluations"]["sample-x4"].training == "sample-x4"
    assert entries["trainings"]["sample-edsr-small-x4"] == Training(
        run="edsr-small", dataset="sample", split="fractions", scale=4,
        equal_to="wnet-small", epochs=72, learning_rate=0.001,
    )  # fmt: skip
    tested = entries_of(checked(content()), "mode1")["evaluations"]
    assert tested["mode1-x8-helen"] == Evaluation(
        training="mode1-x8", dataset="helen", split="helen50", scale=8
    )


def test_a_training_s_own_epochs_and_rate_count_and_nothing_else_of_its_own():
    whole = content()
    whole["sets"]["sample"]["learning_rates"] = {"srcnn": 0.0005}
    made_active(whole, "sample")
    (item,) = [
        i for i in items(checked(whole)) if (i.stage, i.name) == ("train", "sample-srcnn-x4")
    ]
    base = checked(content()).runs["wnet-small"].train
    assert item.inputs.train == base.model_copy(update={"epochs": 34, "learning_rate": 0.0005})


@pytest.mark.parametrize("key", ["epochs", "learning_rates"])
def test_settings_for_a_run_outside_the_set_are_refused(key):
    whole = content()
    whole["sets"]["sample"][key] = {"srcnn": 1, "edsr": 1}
    with pytest.raises(BadParameters, match=rf"sets\.sample: {key} has edsr, not among runs"):
        checked(whole)


def test_the_same_run_trained_otherwise_is_another_method():
    whole = content()
    alike = whole["trainings"]["sample-x4"]
    for name, own in {
        "long": {"epochs": 20},
        "slow": {"learning_rate": 0.001},
        "equal": {"equal_to": "srcnn"},
        "same": {},
    }.items():
        whole["trainings"][name] = alike | own
        whole["evaluations"][name] = whole["evaluations"]["sample-x4"] | {"training": name}
    (item,) = [i for i in items(checked(whole)) if i.stage == "compare"]
    assert [method.evaluations for method in item.inputs.methods] == [
        ("sample-x4", "same"), ("long",), ("slow",), ("equal",),
    ]  # fmt: skip


def test_parts_that_are_switched_off_are_listed():
    whole = made_active(content(), "sample-ablation")
    (item,) = [i for i in items(checked(whole)) if i.stage == "compare"]
    lacks = {method.run: method.lacks for method in item.inputs.methods}
    assert lacks["wnet-small"] == ()
    assert lacks["wnet-small-c"] == ("use_parsing_block", "use_scab")
