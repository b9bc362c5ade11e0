"""Runs merged with the runs that they are based on."""

import pytest
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.settings.params import BadParameters, checked


def content(**runs) -> dict:
    whole = YAML(typ="safe").load(ROOT / "params.yaml")
    whole["runs"] |= runs
    return whole


def test_a_run_has_the_keys_of_what_it_is_based_on_and_its_own():
    narrow = {"based_on": "edsr", "model": {"width": 8}, "train": {"epochs": 2}}
    shallow = {"based_on": "narrow", "model": {"blocks": 3}, "loss": None}
    runs = checked(content(narrow=narrow, shallow=shallow)).runs
    assert runs["shallow"].model == runs["edsr"].model.model_copy(update={"width": 8, "blocks": 3})
    assert runs["shallow"].loss == runs["edsr"].loss
    assert runs["shallow"].train == runs["edsr"].train.model_copy(update={"epochs": 2})
    assert runs["edsr"].model.width == 64


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ({"a": {"based_on": "edrs"}}, r"a\.based_on = 'edrs': is not in runs; did you mean 'edsr'"),
        ({"a": {"based_on": 3}}, r"a\.based_on = 3: is not in runs"),
        ({"a": {"based_on": "a"}}, r"a\.based_on = 'a': is based on a itself"),
        ({"a": {"based_on": "b"}, "b": {"based_on": "a"}}, r"a\.based_on = 'b': is based on a"),
        ({"a": {"based_on": "b"}, "b": {"based_on": "c"}}, r"a\.based_on = 'b': is based on 'c',"),
        (
            {"a": {"based_on": "edsr", "model": {"network": "wnet"}}},
            r"a\.based_on = 'edsr': is of the network edsr, and this of wnet",
        ),
    ],
)
def test_an_invalid_base_of_a_run_is_reported(runs, said):
    whole = content(**runs)
    checked(whole)  # while nothing active needs it
    whole["trainings"]["sample-x4"]["run"] = "a"
    with pytest.raises(BadParameters, match=rf"runs\.{said}"):
        checked(whole)


def test_an_error_in_a_run_is_reported_once():
    narrow = {"based_on": "edsr", "model": {"widht": 8}}
    with pytest.raises(BadParameters, match=r"runs\.narrow\.model\.widht = 8: no such key"):
        checked(content(narrow=narrow))
    whole = content()
    whole["runs"]["edsr"]["model"]["width"] = -1
    with pytest.raises(BadParameters) as caught:
        checked(whole)
    assert len(str(caught.value).splitlines()) == 1
