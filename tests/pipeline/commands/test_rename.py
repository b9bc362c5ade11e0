"""`wnet rename`: no training takes the place of what another has left."""

import pytest
from click.testing import CliRunner

from pipeline.commands.cli import main


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
        ("dvc.lock", "stages:\n  train@narrow:\n", "dvc.lock: has a record of a training narrow"),
    ],
)
def test_what_another_training_has_left_stays(project, left, content, said):
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
