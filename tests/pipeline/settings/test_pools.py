"""Pools in params.yaml: valid ones, errors for others, and the items made from them."""

import copy

import pytest
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.settings.code import Code
from pipeline.settings.entries import Member
from pipeline.settings.params import BadParameters, checked
from pipeline.settings.resolution import items
from pipeline.settings.resolved import resolve
from pipeline.settings.sets import entries_of

CODE = Code(ROOT)
EVALUATED = {"training": "both-x4", "dataset": "own", "split": "fractions", "scale": 4}


def member(name: str, split: str = "fractions") -> dict:
    return {"dataset": name, "split": split}


def content() -> dict:
    """The project's parameters with two more datasets, a pool of two and a pool of three."""
    params = YAML(typ="safe").load(ROOT / "params.yaml")
    for name in ("own", "third"):
        params["datasets"].append(name)
        params["recipes"][name] = copy.deepcopy(params["recipes"]["sample"])
        params["splits"][f"{name}-fractions"] = member(name)
    params["pools"] = {
        "both": {"of": [member("sample"), member("own")]},
        "all": {"of": [member("third"), member("both", "members")]},
    }
    for name in ("own", "both", "all"):
        params["pyramids"][f"{name}-x4"] = {"dataset": name, "scale": 4}
    for name in ("both", "all"):
        trained = {"dataset": name, "split": "members", "scale": 4}
        params["trainings"][f"{name}-x4"] = {"run": "wnet-small", **trained}
    params["evaluations"]["both-x4-own"] = dict(EVALUATED)
    return params


def problem(params: dict) -> str:
    with pytest.raises(BadParameters) as caught:
        checked(params)
    return str(caught.value)


def test_a_pool_has_the_datasets_of_its_pools():
    params = checked(content())
    named = [Member(dataset=name, split="fractions") for name in ("third", "sample", "own")]
    assert params.members("all") == tuple(named)
    assert params.members("sample") == ()
    made = {(item.stage, item.name): item.inputs for item in items(params)}
    assert made["train", "all-x4"].datasets == ("third", "sample", "own")
    assert made["train", "sample-x4"].datasets == ("sample",)
    assert ("split", "both-members") not in made


def test_a_change_of_a_pool_is_one_of_its_training_alone():
    before, params = content(), content()
    params["pools"]["both"]["near_copies"] = "left out"
    old, new = (resolve(items(checked(one)), CODE) for one in (before, params))
    stale = {
        (stage, name)
        for stage, named in new.items()
        for name, entry in named.items()
        if entry["digest"] != old[stage][name]["digest"]
    }
    assert stale == {("pool", "both")}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("recipes.own.crop.resolution", 128, "own.crop.resolution is 128, and of sample 64"),
        (
            "recipes.own.parse.skin_ids",
            [1, 10],
            "own.parse.skin_ids is (1, 10), and of sample (1,)",
        ),
        ("pools.both.of", [member("sample"), member("owm")], "did you mean 'own'"),
        ("pools.both.of", [member("sample"), member("all", "members")], "nor a pool above"),
        ("pools.both.of", [member("sample"), member("both", "members")], "nor a pool above"),
        ("pools.both.of", [member("sample"), member("sample")], "has sample twice"),
        ("pools.all.of", [member("own"), member("both", "members")], "has own twice"),
        ("pools.all.of", [member("third"), member("both")], "of a pool it is members"),
        ("pools.both.of", [member("sample"), member("own", "mode1")], "own-mode1 among splits"),
        ("pools.own", {"of": [member("sample"), member("third")]}, "is the name of a dataset"),
        ("pools.both.of", [member("sample")], "pools.both.of"),
        ("trainings.both-x4.split", "fractions", "of a pool it is members"),
        ("splits.both-members", member("both", "members"), "a pool is divided as its datasets"),
        ("evaluations.both-x4-own.dataset", "both", "(sample fractions, own fractions)"),
        ("evaluations.both-x4-own.scale", 2, "both-x4 is trained for 4"),
        ("pyramids.both-x4.scale", 16, "must be called both-x16"),
        ("trainings.both-x4.dataset", "boht", "did you mean 'both'"),
    ],
)
def test_an_invalid_pool_is_refused_by_its_key(key, value, said):
    params = content()
    *parents, last = key.split(".")
    node = params
    for parent in parents:
        node = node[parent]
    node[last] = value
    assert said in problem(params)


def test_pools_without_training_faces_are_refused():
    params = content()
    for name in ("sample", "own"):
        params["recipes"][name]["splits"]["fractions"]["validation"] = 0.0
    del params["trainings"]["sample-x4"], params["evaluations"]["sample-x4"], params["comparisons"]
    assert "leaves no faces to train on, or none to validate by" in problem(params)


def test_another_crop_rule_in_a_pool_and_another_split_are_marked():
    params = content()
    params["recipes"]["sample"]["crop"]["extent"] = 1.7
    params["recipes"]["own"]["splits"]["again"] = {"by": "all"}
    params["splits"]["own-again"] = member("own", "again")
    params["evaluations"]["again"] = EVALUATED | {"split": "again"}
    made = {item.name: item.inputs for item in items(checked(params)) if item.stage == "report"}
    assert made["both-x4-own"].unlike == ("crop.extent is 1.5, 1.7 in the training of sample",)
    assert "divides own by the split fractions" in made["again"].unlike[0]
    assert made["sample-x4"].unlike == ()


def test_networks_of_a_set_are_trained_on_a_pool_and_tested_on_its_datasets():
    params = content()
    params["sets"] = {"two": {
        "runs": ["wnet-small", "srcnn"], "dataset": "both", "split": "members", "scales": [4],
        "tested_on": {"sample": "fractions", "own": "fractions"},
    }}  # fmt: skip
    entries = entries_of(checked(params), "two")
    assert set(entries["splits"]) == {"sample-fractions", "own-fractions"}
    for block, added in entries.items():
        params[block] |= {name: entry.model_dump() for name, entry in added.items()}
    assert len(checked(params).evaluations) > 4
