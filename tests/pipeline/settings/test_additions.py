"""Entries are added to params.yaml as a user would, without changing its other lines."""

from difflib import ndiff

import pytest
from ruamel.yaml import YAML
from small_project import ROOT

from pipeline.settings.additions import with_entries

ADDED = {
    "datasets": ["family"],
    "pyramids": {"family-x4": {"dataset": "family", "scale": 4}},
    "recipes": {"family": {"crop": {"landmarks": "dlib"}, "splits": {"all": {"by": "all"}}}},
}


def loaded(text):
    return YAML(typ="safe").load(text)


def test_nothing_of_the_projects_own_file_is_changed():
    before = (ROOT / "params.yaml").read_text(encoding="utf-8")
    after = with_entries(before, ADDED)
    changes = [line for line in ndiff(before.splitlines(), after.splitlines()) if line[0] in "-?"]
    assert changes == []
    content = loaded(after)
    assert content["datasets"][-1] == "family"
    assert list(content["recipes"])[-1] == "family"
    assert after.index("  family-x4:") < after.index("# Pretrained networks")  # of the next block


@pytest.mark.parametrize(
    "text",
    [
        "datasets: [celeba]  # ours\npyramids: {}\nrecipes:\n  celeba: {crop: {}}\n",
        "datasets:\n    - celeba\n    # a comment\n\npyramids:\n    a: {dataset: b}\nrecipes:\n",
        "recipes:  # none yet\ntrain: {epochs: 1}",
        '"datasets":\n- "celeba"\nrecipes: {a: {crop: {}},\n  b: {crop: {}}}\n',
        "train: &t {epochs: 1}\nruns: {a: *t}\n",
    ],
    ids=["braces", "indented", "absent", "quoted", "anchors"],
)
def test_entries_are_added_to_any_notation(text):
    content, after = loaded(text), loaded(with_entries(text, ADDED))
    assert after["datasets"] == [*(content.get("datasets") or []), "family"]
    for block in ("pyramids", "recipes"):
        assert after[block] == (content.get(block) or {}) | ADDED[block]
    untouched = set(content) - set(ADDED)
    assert {key: after[key] for key in untouched} == {key: content[key] for key in untouched}


def test_comments_of_a_block_in_braces_stay():
    after = with_entries("datasets: [celeba]  # ours\ntrain: {}  # nothing\n", ADDED)
    assert "# ours" in after
    assert "train: {}  # nothing\n" in after


def test_a_file_that_cannot_be_edited_is_left_and_the_entries_are_printed():
    with pytest.raises(ValueError, match="write these entries into it:\ndatasets:\n- family"):
        with_entries("{datasets: [celeba], train: {epochs: 1}}\n", ADDED)
