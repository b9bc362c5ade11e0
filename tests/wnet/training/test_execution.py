"""Recorded steps, as far as they can be tested without a GPU; tests/cuda records on one."""

from pathlib import Path

import numpy as np
import pytest
import torch
from batches import noisy_faces
from network_configs import SCHEDULE, TINY, changed
from recording import ASKS, OnPaper, Operations
from torch import Tensor

from wnet.data.faces_on_device import FacesOnDevice
from wnet.networks.wnet.network import WNet
from wnet.networks.wnet.objective import WNetObjective
from wnet.networks.wnet.settings import Loss
from wnet.training import execution, loop, steps
from wnet.training.execution import STEPS_BEFORE_RECORDING, check_execution
from wnet.training.loop import Training
from wnet.training.pending_value import PendingValue
from wnet.training.processes import Processes

pytestmark = pytest.mark.usefixtures("one_thread")
PLAN = changed(SCHEDULE, learning_rate=0.01, clip_norm=0.5, ema=0.9)


@pytest.fixture
def faces() -> FacesOnDevice:
    return noisy_faces(14, 4, 64)


def training(faces: FacesOnDevice, checkpoint: Path, how: str = "eager", **changes) -> Training:
    torch.manual_seed(5)
    weights = Loss(pixel_norm="l2", pixel=1, parsing=1, key_regions=1, perceptual=0)
    made = Training(
        WNet(TINY, 4), WNetObjective(weights, None), faces, faces, changed(PLAN, **changes),
        checkpoint, Processes(), how,
    )  # fmt: skip
    if how == "eager-graphs":
        OnPaper.training = made
    return made


@pytest.fixture
def on_paper(monkeypatch) -> None:
    """Recording on the CPU, by a list of operations.

    A graph reads the learning rate from the device's memory, in float32; here both do.
    """
    rate_at = steps.rate_at
    monkeypatch.setattr(steps, "rate_at", lambda *given: float(np.float32(rate_at(*given))))
    monkeypatch.setattr(loop, "rate_at", steps.rate_at)
    monkeypatch.setattr(steps, "RecordedStep", OnPaper)
    monkeypatch.setattr(steps, "check_execution", lambda *_: None)


def finished(made: Training) -> tuple[list[dict], dict[str, Tensor]]:
    return made.run(
        lambda count: None, lambda row, network: None
    ).history, made.network.state_dict()


@pytest.mark.usefixtures("on_paper")
def test_a_recorded_training_is_the_eager_one_to_the_bit(faces, tmp_path):
    history, weights = finished(training(faces, tmp_path / "a.pt"))
    recorded = training(faces, tmp_path / "b.pt", "eager-graphs")
    found, learnt = finished(recorded)
    assert recorded.steps._recorded._made == STEPS_BEFORE_RECORDING
    assert len(recorded.steps._recorded._operations.made) > 1000
    assert found == history
    assert all(torch.equal(learnt[name], value) for name, value in weights.items())


@pytest.mark.usefixtures("on_paper")
def test_recorded_losses_are_of_their_own_batch_and_stay(faces, tmp_path):
    recorded = training(faces, tmp_path / "a.pt", "eager-graphs")
    plain = training(faces, tmp_path / "b.pt")
    batches = list(faces.shuffled(1, 0, 2, True, 0))
    kept = [recorded.step(batch) for batch in batches]
    wanted = [plain.step(batch) for batch in batches]
    for terms, others in zip(kept, wanted, strict=True):
        assert list(terms) == list(others)
        assert all(torch.equal(terms[name], value) for name, value in others.items())


@pytest.mark.usefixtures("on_paper")
@pytest.mark.parametrize(("first", "then"), [("eager", "eager-graphs"), ("eager-graphs", "eager")])
def test_a_training_can_resume_in_another_execution(faces, tmp_path, monkeypatch, first, then):
    wanted, weights = finished(training(faces, tmp_path / "whole.pt"))
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", -1)
    path, steps = tmp_path / "killed.pt", []

    def killed(count: int) -> None:
        steps.append(count)
        if len(steps) == 6:  # after the recording; the fifth is the last that is saved
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training(faces, path, first).run(killed, lambda row, network: None)
    again = training(faces, path, then)
    assert again.done == 2 * 5
    found, learnt = finished(again)
    assert found == wanted
    assert all(torch.equal(learnt[name], value) for name, value in weights.items())


@pytest.mark.usefixtures("on_paper")
def test_a_batch_of_another_shape_is_refused(faces, tmp_path):
    recorded = training(faces, tmp_path / "a.pt", "eager-graphs")
    for batch in faces.shuffled(1, 0, 2, False, 0):
        recorded.step(batch)
    with pytest.raises(ValueError, match=r"batch of torch\.Size\(\[1, .* where torch\.Size\(\[2,"):
        recorded.step(next(faces.batches(1)))


def test_a_step_does_not_wait_for_the_device(faces, tmp_path):
    made, operations = training(faces, tmp_path / "a.pt"), Operations()
    batch = next(faces.batches(2))
    made.steps._begin("")
    with operations:
        made.steps._learn_from(batch)
    names = [func.overloadpacket.__name__ for func, *_ in operations.made]
    assert "convolution_backward" in names
    assert "_fused_adam_" in names
    assert not set(names) & set(ASKS)
    with operations:
        made.step(batch)
        made.step(batch)  # reads the loss of the step before
    assert "_local_scalar_dense" in [f.overloadpacket.__name__ for f, *_ in operations.made]


@pytest.mark.parametrize("how", ["graphs", "eager-graphs"])
def test_what_cannot_be_recorded_is_refused_by_name(faces, tmp_path, how):
    with pytest.raises(
        ValueError, match=rf"WNET_COMPILE={how}: CUDA graphs need a CUDA device.*cpu"
    ):
        training(faces, tmp_path / "a.pt", how)
    with pytest.raises(ValueError, match=f"WNET_COMPILE={how}: a step that 2 processes share"):
        check_execution(how, torch.device("cuda"), 2)
    check_execution(how, torch.device("cuda"), 1)
    for other in ("eager", "compiled"):
        check_execution(other, torch.device("cpu"), 2)


def test_the_network_is_compiled_where_its_execution_says_so(monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda network: ("compiled", network))
    network = torch.nn.Identity()
    assert execution.prepared(network, "eager") is execution.prepared(network, "eager-graphs")
    assert execution.prepared(network, "compiled") == ("compiled", network)
    assert execution.prepared(network, "graphs") == ("compiled", network)


def test_a_late_number_is_that_of_its_own_step():
    scalar = torch.tensor(2.5)
    assert PendingValue(scalar * 2).value() == 5
