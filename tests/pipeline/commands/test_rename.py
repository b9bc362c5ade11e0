"""`wnet rename`: a training never replaces what another training left."""

import pytest
from click.testing import CliRunner

from pipeline.commands.cli import main
from pipeline.commands.rename import in_params
from pipeline.settings import params

ENTRY = "run: wnet-small, dataset: sample, split: fractions, scale: 4"


@pytest.mark.parametrize(
    ("left", "content", "said"),
    [
        (
            "models/narrow/network/config.json",
            "{}",
            "models/narrow: already exists, from another training",
        ),
        (
            "metrics/train/narrow.json",
            "{}",
            "metrics/train/narrow.json: already exists, from another",
        ),
        (
            "metrics/precision/narrow.json",
            "{}",
            "metrics/precision/narrow.json: already exists, from another",
        ),
        (
            "dvc.lock",
            "stages:\n  train@narrow:\n",
            "dvc.lock: already has a record of a training narrow",
        ),
    ],
)
def test_files_of_another_training_are_kept(project, left, content, said):
    (project / "metrics/train").mkdir(parents=True)
    (project / "metrics/train/sample-x4.json").write_text("ours")
    path = project / left
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    before = (project / "params.yaml").read_bytes()
    result = CliRunner().invoke(main, ["rename", "sample-x4", "narrow"])
    assert result.exit_code == 1
    assert said in result.output
    assert path.read_text() == content
    assert (project / "params.yaml").read_bytes() == before
    assert (project / "metrics/train/sample-x4.json").read_text() == "ours"


@pytest.mark.parametrize(
    "written",
    [
        f"  sample-x4: {{{ENTRY}}}\n",
        f'  "sample-x4":  # narrow\n    {{{ENTRY}}}\n',
        "  sample-x4 :\n     " + ENTRY.replace(", ", "\n     ") + "\n",
    ],
)
def test_an_entry_is_renamed_however_it_is_written(project, written):
    """With entries in braces as in celeba.md, params.yaml was unchanged and the network renamed."""
    text = (project / "params.yaml").read_text()
    start = text.index("  sample-x4:\n", text.index("\ntrainings:"))
    text = text[:start] + written + text[text.index("evaluations:", start) :]
    text = text.replace("    training: sample-x4\n", "    training: 'sample-x4'  # ours\n", 1)
    (project / "params.yaml").write_text(text)
    params.load()
    result = CliRunner().invoke(main, ["rename", "sample-x4", "narrow"])
    assert result.exit_code == 0, result.output
    everything = params.load()
    assert list(everything.trainings) == ["narrow"]
    assert {item.training for item in everything.evaluations.values()} == {"narrow"}
    after = (project / "params.yaml").read_text()
    assert len(after.split("\n")) == len(text.split("\n"))
    assert "# ours" in after


def test_every_entry_with_anchors_is_renamed():
    text = (
        "trainings: {a: &a {run: x}}\nevaluations: {e: &e {training: a}, f: {<<: *e, scale: 4}}\n"
    )
    assert in_params(text, "a", "b") == text.replace("{a:", "{b:").replace(
        "training: a", "training: b"
    )


def test_what_cannot_be_edited_is_refused():
    with pytest.raises(ValueError, match="write trainings and evaluations plainly"):
        in_params('trainings: {"sample\\x2dx4": {run: wnet-small}}\n', "sample-x4", "narrow")


def test_a_chosen_precision_keeps_with_its_training(project):
    record = project / "metrics/precision/sample-x4.json"
    record.parent.mkdir(parents=True)
    record.write_text("bf16")
    result = CliRunner().invoke(main, ["rename", "sample-x4", "narrow"])
    assert result.exit_code == 0, result.output
    assert not record.exists()
    assert record.with_name("narrow.json").read_text() == "bf16"
