"""A training that computes NaN or infinity stops, says where, and keeps the last good state."""

import json
import math

import pytest
import torch
from click.testing import CliRunner

from pipeline import train as stage
from wnet.networks.wnet.objective import WNetObjective
from wnet.training.loop import Training

ARGUMENTS = ["sample-x4", "crop", "parse", "pyramid", "split.json", "out", "out.json"]


@pytest.fixture
def single_steps(prepared, edit_params):
    """A training whose batches are single faces, with a checkpoint after every step."""
    edit_params({"runs.wnet-small.train.batch": 1, "runs.wnet-small.train.flip": False})
    return prepared


def saved(project) -> dict:
    (path,) = project.glob(".scratch/train-*/checkpoint.pt")
    return torch.load(path, weights_only=True)


@pytest.mark.parametrize("value", [math.nan, pytest.param(math.inf, marks=pytest.mark.slow)])
def test_a_nan_loss_stops_at_its_step_and_names_its_face(single_steps, monkeypatch, value):
    monkeypatch.setattr("wnet.training.loop.SECONDS_BETWEEN_CHECKPOINTS", -1)
    forward, seen = WNetObjective.forward, []

    def sick(loss, made, batch):
        seen.append(batch.hr.clone())
        terms = forward(loss, made, batch)
        return terms | {"total": terms["total"] * value} if len(seen) == 9 else terms

    monkeypatch.setattr(WNetObjective, "forward", sick)
    result = CliRunner().invoke(stage.main, ARGUMENTS)
    assert result.exit_code == 1
    said = result.output.strip().split("\n")[-1]
    assert f"the loss is {value} in epoch 2, step 3;" in said
    assert said.endswith("/checkpoint.pt keeps the last good state")
    progress = saved(single_steps)["progress"]
    assert (progress["epoch"], progress["step"]) == (1, 2)
    # The face, found by its pixels, which the training saw in its ninth step.
    names = json.loads((single_steps / "split.json").read_text())["train"]
    held = stage.TrainingSet(*map(single_steps.joinpath, ARGUMENTS[1:5]), 4).faces("train", "cpu")
    (face,) = [
        name for name, batch in zip(names, held.batches(1), strict=True)
        if torch.equal(batch.hr, seen[8])
    ]  # fmt: skip
    assert f"train.clip_norm. The batch: {face}. .scratch/train-sample-x4-" in said
    assert not (single_steps / "out").exists()


@pytest.mark.parametrize("last", [False, True])
def test_a_nan_weight_is_neither_saved_nor_validated(single_steps, edit_params, monkeypatch, last):
    """Also after the very last step, whose loss was finite, so that no later loss would show it."""
    if last:
        edit_params({"runs.wnet-small.train.epochs": 1})
    monkeypatch.setattr("wnet.training.loop.SECONDS_BETWEEN_CHECKPOINTS", 1e9 if last else -1)
    step, steps = Training.step, []

    def sick(training, batch):
        terms = step(training, batch)
        steps.append(1)
        if len(steps) == 6:
            with torch.no_grad():
                next(training.network.parameters()).fill_(math.nan)
        return terms

    monkeypatch.setattr(Training, "step", sick)
    result = CliRunner().invoke(stage.main, ARGUMENTS)
    assert result.exit_code == 1
    assert "a weight is NaN or infinite in epoch 1, step 6;" in result.output
    assert len(steps) == 6
    if not last:
        state = saved(single_steps)
        assert state["progress"]["step"] == 5
        assert all(value.isfinite().all() for value in state["network"].values())


def test_a_batch_larger_than_the_set_names_its_key(prepared, edit_params):
    edit_params({"runs.wnet-small.train.batch": 7})
    result = CliRunner().invoke(stage.main, ARGUMENTS)
    assert result.exit_code == 1
    assert "train.batch = 7: more than the 6 faces to train on" in result.output
