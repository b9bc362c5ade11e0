"""Every key of params.yaml is described once, in the code, from which comments and docs/params.md
come."""

import pytest
from small_project import ROOT

from pipeline.settings import described, schema, sections
from wnet.networks import by_name

PARAMS = (ROOT / "params.yaml").read_text(encoding="utf-8")


def test_comments_and_page_are_those_of_the_code():
    """`python -m pipeline.settings.described` updates both."""
    assert described.commented(PARAMS) == PARAMS
    assert (ROOT / "docs/params.md").read_text(encoding="utf-8") == described.page()


@pytest.mark.parametrize("section", [s for s in described.SECTIONS if s not in ("model", "loss")])
def test_every_key_of_a_section_has_a_comment_above_it(section):
    lines = PARAMS.split(f"\n{section}:\n", 1)[1].split("\n\n", 1)[0].split("\n")
    keys = schema.Params.model_fields[section].annotation.model_fields
    places = {key: lines.index(line) for key in keys for line in lines if f"  {key}:" in line}
    assert places.keys() == keys.keys()
    for key, place in places.items():
        assert lines[place - 1].startswith("  # "), key


def test_every_setting_of_every_network_is_described():
    for name in by_name.names():
        for settings in (by_name.config_of(name), by_name.loss_of(name)):
            described_keys = described.descriptions(settings)
            assert all(described_keys.values())
            assert described_keys.keys() == settings.model_fields.keys(), name


def test_ranges_are_said_in_words():
    fields = sections.Crop.model_fields
    said = {key: described.allowed(field) for key, field in fields.items()}
    assert said["resolution"] == "a whole number from 32 to 1 024 in steps of 16"
    assert said["detector_score"] == "a number from 0 below 1"
    assert {"`dlib`", "`fan`"} <= set(said["landmarks"].split(", "))
    assert described.allowed(sections.Parse.model_fields["skin_ids"]) == (
        "a list of a whole number from 0 to 18"
    )


def test_a_comment_that_differs_is_replaced_and_others_stay():
    text = "# About the file.\n\ntrain:\n  # Old words.\n  # of two lines\n  epochs: 3\n# Tail.\n"
    epochs = described.descriptions(sections.Train)["epochs"]
    wanted = f"# About the file.\n\ntrain:\n  # {epochs}\n  epochs: 3\n# Tail.\n"
    assert described.commented(text) == wanted
