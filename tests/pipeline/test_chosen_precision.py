"""`train.precision: auto`: measured once, recorded for the team, and the same when resumed."""

import json
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from pipeline import train as stage
from pipeline.chosen_precision import precision_of
from pipeline.harness.record import PRECISION
from pipeline.settings.inputs import TrainInputs
from pipeline.settings.resolved import entry
from wnet.training.processes import Processes

FAST = {"fp32": 0.3, "bf16": 0.2}
SLOW = {"fp32": 0.2, "bf16": 0.3}
RECORD = PRECISION / "sample-x4.json"


@dataclass
class Measured:
    """Times of steps, and how often they were asked for."""

    seconds: dict[str, float]
    times: int = 0

    def __call__(self) -> dict[str, float]:
        self.times += 1
        return self.seconds


@pytest.fixture
def run(project, edit_params):
    edit_params({"runs.wnet-small.train.precision": "auto"})
    return entry("train", "sample-x4", TrainInputs).inputs


@pytest.fixture
def taken(run, tmp_path):
    """The precision taken in an interrupted training's folder, or in that of a new training."""

    def of(measured, folder="first", changed=run, side=64, processes=None):
        work = tmp_path / folder
        work.mkdir(exist_ok=True)
        return precision_of("sample-x4", changed, side, work, processes or Processes(), measured)

    return of


def test_what_was_measured_once_is_taken_by_every_later_run(taken, capsys):
    assert taken(Measured(FAST)) == "bf16"
    assert (
        "precision bf16; a step takes 300.0 ms in fp32, 200.0 ms in bf16" in capsys.readouterr().err
    )
    other = Measured(SLOW)
    assert taken(other, "second") == "bf16"
    assert other.times == 0
    assert f"precision bf16, as recorded in {RECORD}" in capsys.readouterr().err
    assert set(json.loads(RECORD.read_text())) == {"precision", "measured_for"}  # and no speed


def test_fp32_is_recorded_too(taken):
    assert taken(Measured(SLOW)) == "fp32"
    assert taken(Measured(FAST), "second") == "fp32"


def test_a_training_resumes_as_it_began_whatever_happened_to_the_record(taken):
    assert taken(Measured(FAST)) == "bf16"
    RECORD.unlink()
    assert taken(Measured(SLOW)) == "bf16"
    assert json.loads(RECORD.read_text())["precision"] == "bf16"  # it is there again
    record = json.loads(RECORD.read_text())
    RECORD.write_text(json.dumps(record | {"precision": "fp32"}))  # a colleague's
    assert taken(Measured(SLOW)) == "bf16"


@pytest.mark.parametrize("what", ["batch", "width", "loss", "scale", "side"])
def test_what_makes_other_steps_is_measured_again(taken, run, what):
    taken(Measured(FAST))
    changes = {
        "batch": {"train": run.train.model_copy(update={"batch": 2})},
        "width": {"model": run.model.model_copy(update={"width": 8})},
        "loss": {"loss": run.loss.model_copy(update={"parsing": 0.0})},
        "scale": {"scale": 8},
    }
    changed = run.model_copy(update=changes.get(what, {}))
    measured = Measured(SLOW)
    assert taken(measured, "second", changed, 128 if what == "side" else 64) == "fp32"
    assert measured.times == 1


def test_what_leaves_the_steps_as_they_are_is_not(taken, run):
    taken(Measured(FAST))
    train = run.train.model_copy(update={"learning_rate": 0.1, "epochs": 3, "seed": 7})
    assert taken(Measured(SLOW), "second", run.model_copy(update={"train": train})) == "bf16"


@pytest.mark.parametrize("given", ["fp32", "bf16"])
def test_a_given_precision_is_neither_measured_nor_recorded(taken, run, given):
    train = run.train.model_copy(update={"precision": given})
    measured = Measured(FAST)
    assert taken(measured, changed=run.model_copy(update={"train": train})) == given
    assert measured.times == 0
    assert not RECORD.exists()


@pytest.mark.parametrize("content", ["{", "[]", "{}", '"bf16"'])
def test_a_damaged_record_is_named(taken, content):
    RECORD.parent.mkdir(parents=True)
    RECORD.write_text(content)
    with pytest.raises(ValueError, match=r"precision/sample-x4\.json: not a record .*; delete it"):
        taken(Measured(FAST))


def test_a_recorded_precision_that_does_not_exist_is_refused(taken):
    taken(Measured(FAST))
    RECORD.write_text(RECORD.read_text().replace('"bf16"', '"fp16"'))
    with pytest.raises(ValueError, match="precision 'fp16'; give fp32 or bf16"):
        taken(Measured(FAST), "second")


class Second(Processes):
    """The second of two processes, which hears what the first has."""

    heard = None

    def from_first(self, value):
        assert value is None
        return self.heard


@pytest.mark.parametrize(("heard", "times"), [("bf16", 0), (None, 1)])
def test_other_processes_follow_the_first(run, monkeypatch, heard, times):
    monkeypatch.setattr(Second, "heard", heard)
    measured = Measured(FAST)
    assert precision_of("sample-x4", run, 64, None, Second(1, 2), measured) == "bf16"
    assert measured.times == times
    assert not RECORD.exists()


def test_the_stage_trains_in_it_and_says_so(prepared, edit_params, monkeypatch):
    edit_params({"runs.wnet-small.train.precision": "auto"})
    monkeypatch.setattr(stage, "step_seconds", lambda *_: FAST)
    arguments = ["sample-x4", "crop", "parse", "pyramid", "split.json"]

    def trained(name):
        result = CliRunner().invoke(stage.main, [*arguments, name, f"{name}.json"])
        assert result.exit_code == 0, result.output
        weights = (prepared / name / "network/model.safetensors").read_bytes()
        return weights, json.loads((prepared / name / "training.json").read_text())

    chosen, summary = trained("one")
    assert summary["precision"] == "bf16"
    monkeypatch.setattr(stage, "step_seconds", lambda *_: SLOW)
    assert trained("two") == (chosen, summary)
    edit_params({"runs.wnet-small.train.precision": "bf16"})
    given, summary = trained("three")
    assert given == chosen
    assert "precision" not in summary
    edit_params({"runs.wnet-small.train.precision": "fp32"})
    assert trained("four")[0] != chosen
