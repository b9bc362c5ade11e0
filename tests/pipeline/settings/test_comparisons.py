"""The inputs of a comparison: seeds as one method, and no results of other test sets."""

import copy

from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.settings.code import Code
from pipeline.settings.params import checked
from pipeline.settings.resolution import items
from pipeline.settings.resolved import resolve

CONTENT = YAML(typ="safe").load(ROOT / "params.yaml")
OF_SET = {"dataset": "sample", "split": "fractions", "scale": 4}
KEY = "sample-fractions-x4"
CODE = Code(ROOT)


def with_run(content: dict, name: str, like: str = "wnet-small", **train) -> dict:
    """The same with another run, training and evaluation of this name."""
    content = copy.deepcopy(content)
    run = copy.deepcopy(content["runs"][like])
    run["train"] |= train
    content["runs"][name] = run
    content["trainings"][name] = {"run": name, **OF_SET}
    content["evaluations"][name] = {"training": name, **OF_SET}
    return content


def compared(content: dict) -> dict:
    """The entry of the sample's comparison."""
    return resolve(items(checked(content)), CODE)["compare"][KEY]


def groups(content: dict) -> list[list[str]]:
    return [method["evaluations"] for method in compared(content)["parameters"]["methods"]]


def test_a_method_has_its_name_in_the_papers_tables():
    """One network is two methods, with a discriminator and without."""
    titles = {"srresnet-small": "SRResNet", "srgan-small": "SRGAN", "fsrnet-small": "FSRNet",
              "fsrgan-small": "FSRGAN", "dic-small": "DIC", "dicgan-small": "DICGAN",
              "mrrnet-small": "MRRNet"}  # fmt: skip
    content = copy.deepcopy(CONTENT)
    for name in titles:
        content["trainings"][name] = {"run": name, **OF_SET}
        content["evaluations"][name] = {"training": name, **OF_SET}
    entries = resolve(items(checked(content)), CODE)
    methods = entries["compare"][KEY]["parameters"]["methods"]
    assert {method["run"]: method["title"] for method in methods} == {
        "wnet-small": "W-Net",
        **titles,
    }
    reports = entries["report"].items()
    assert titles.items() <= {name: one["parameters"]["title"] for name, one in reports}.items()
    assert titles.items() <= entries["index"]["all"]["parameters"]["titles"].items()


def test_trainings_that_differ_in_their_seed_alone_are_one_method():
    content = with_run(with_run(CONTENT, "second", seed=2), "third", seed=3)
    assert groups(content) == [["sample-x4", "second", "third"]]
    assert groups(with_run(content, "longer", seed=4, epochs=17)) == [
        ["sample-x4", "second", "third"],
        ["longer"],
    ]


def test_an_added_network_makes_it_stale_and_what_is_not_on_its_faces_does_not():
    before = compared(CONTENT)["digest"]
    added = with_run(CONTENT, "other", like="srcnn")
    assert compared(added)["digest"] != before
    elsewhere = copy.deepcopy(added)
    elsewhere["pyramids"]["sample-x2"] = {"dataset": "sample", "scale": 2}
    of_set = OF_SET | {"scale": 2}
    elsewhere["trainings"]["other"] |= {"scale": 2}
    elsewhere["evaluations"]["other"] |= {"scale": 2}
    elsewhere["comparisons"]["sample-fractions-x2"] = of_set
    assert compared(elsewhere)["digest"] == before


def test_changes_that_it_does_not_show_do_not_make_it_stale():
    before = compared(CONTENT)["digest"]
    for section, key, value in (
        ("report", "browse", 3),
        ("landmarks", "failure", 0.2),
        ("train", "epochs", 51),
        ("identity", "thresholds", 11),
    ):
        content = copy.deepcopy(CONTENT)
        content[section][key] = value
        assert compared(content)["digest"] == before, key
    content = copy.deepcopy(CONTENT)
    content["compare"]["seed"] = 2
    assert compared(content)["digest"] != before
