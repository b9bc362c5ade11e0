"""The log of a training: epoch, loss, expected time, and a picture."""

import re

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from pipeline import train as stage
from pipeline.harness import training_bar
from pipeline.harness.training_bar import TrainingBar, estimated_time, predicted_time

ARGUMENTS = ["crop", "parse", "pyramid", "split.json", "models/sample-x4", "metrics.json"]


def test_a_training_logs_its_epoch_loss_and_picture(prepared, monkeypatch):
    monkeypatch.setattr(training_bar, "SECONDS", -1)  # every step is late enough
    done = CliRunner().invoke(stage.main, ["sample-x4", *ARGUMENTS])
    assert done.exit_code == 0, done.output
    ended = r"train: epoch 3 of 3: +100%.*validation PSNR \d+\.\d\d dB"
    assert re.search(ended, done.output), done.output
    assert done.output.count("in all, ") == 1
    latest = prepared / ".scratch/train-sample-x4.png"
    assert done.output.count(f"validation faces: {latest}") == 1
    (kept,) = (prepared / "models/sample-x4/curves/progress").iterdir()
    assert kept.stem == "2"
    np.testing.assert_array_equal(np.asarray(Image.open(latest)), np.asarray(Image.open(kept)))


def test_the_displayed_loss_is_that_of_the_step_before(capsys, tmp_path):
    class Training:
        done, total, last_loss = 8, 40, None
        schedule = type("Schedule", (), {"epochs": 5})
        progress = type("Progress", (), {"epoch": 1})

    with TrainingBar(Training, tmp_path / "latest.png") as bar:
        bar.step(4)
        Training.last_loss = 0.25
        bar.row({"validation/psnr": 21.5})
        bar.step(4)
    said = capsys.readouterr().err
    assert "train: epoch 2 of 5" in said.splitlines()[-1]
    assert "16/40" in said.splitlines()[-1]
    assert "loss 0.25000, validation PSNR 21.50 dB" in said.splitlines()[-1]


@pytest.mark.parametrize(
    ("done", "seconds", "total", "said"),
    [
        (330, 10, 7936, "train: about 4 minutes in all, 33 faces a second"),
        (330, 10, 900, "train: about a minute in all, 33 faces a second"),
        (100, 10, 180_000, "train: about 5 hours in all, 10 faces a second"),
    ],
)
def test_the_total_time_is_estimated_from_a_part(done, seconds, total, said):
    assert estimated_time(done, seconds, total) == said


def test_a_training_that_ran_before_estimates_its_time_at_the_start(prepared, monkeypatch):
    monkeypatch.setattr(stage.Journal, "rate_before", lambda self: 0.1)
    done = CliRunner().invoke(stage.main, ["sample-x4", *ARGUMENTS])
    assert done.exit_code == 0, done.output
    said = re.search(r"about \d+ minutes, by its last run here", done.output)
    assert said.start() < done.output.index("epoch 1 of 3")
    assert predicted_time(7200, 2.0) == (
        "train: about 60 minutes, by its last run here (2 faces a second)"
    )
