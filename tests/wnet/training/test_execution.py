"""Recorded steps: what can be shown without a card. tests/cuda records on one.

A dispatch mode stands in for the CUDA graph: it notes the operations of a step as they reach the
device's kernels, and a replay runs them once more on the same memory. What a step had computed in
Python, or would ask of the device, shows as it would in a graph.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from network_configs import TINY, changed
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from wnet.data.batches import Batch
from wnet.data.faces_on_device import FacesOnDevice
from wnet.networks.wnet.network import WNet
from wnet.training import execution, loop
from wnet.training.execution import STEPS_BEFORE_RECORDING, RecordedStep, check_execution
from wnet.training.late import Late
from wnet.training.loop import Training
from wnet.training.losses import WNetLoss
from wnet.training.processes import Processes
from wnet.training.settings import LossWeights, Schedule

pytestmark = pytest.mark.usefixtures("one_thread")
ASKS = ("_local_scalar_dense", "nonzero", "is_nonzero", "equal", "masked_select", "unique")
PLAN = Schedule(
    seed=1, epochs=2, batch=2, learning_rate=0.01, beta1=0.9, beta2=0.99, epsilon=1e-8,
    schedule="cosine", flip=True, precision="fp32", clip_norm=0.5, ema=0.9, validate_every=1,
)  # fmt: skip


class Operations(TorchDispatchMode):
    """Every operation that ran, with what it took and gave."""

    def __init__(self):
        super().__init__()
        self.made: list[tuple[Callable, tuple, dict, object]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        given = func(*args, **(kwargs or {}))
        self.made.append((func, args, kwargs or {}, given))
        return given

    def again(self) -> None:
        """Run them once more, into the same memory."""
        for func, args, kwargs, given in self.made:
            computed = tree_leaves(func(*args, **kwargs))
            for old, new in zip(tree_leaves(given), computed, strict=True):
                if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


class OnPaper(RecordedStep):
    """A recorded step whose graph is the list of its operations."""

    training: Training  # whose state a recording, unlike a note of operations, leaves alone

    def _warm_up(self, batch: Batch) -> dict[str, Tensor]:
        return self._step(batch)

    def _record(self, batch: Batch) -> dict[str, Tensor]:
        state = tree_leaves([self.training.network.state_dict(), self.optimizer_state()])
        before = [value.clone() for value in state]
        self._operations = Operations()
        with self._operations:
            terms = self._step(batch)
        for value, old in zip(state, before, strict=True):
            value.data.copy_(old)
        return terms

    def _replay(self) -> None:
        with torch.no_grad():
            self._operations.again()

    def optimizer_state(self) -> list[dict]:
        return list(self.training.optimizer.state.values())


@pytest.fixture
def faces(random) -> FacesOnDevice:
    shapes = ((16, 16, 3), (64, 64, 3), (16, 16))
    columns = [random.integers(0, 256, (14, *shape), dtype=np.uint8) for shape in shapes]
    return FacesOnDevice(*columns, random.integers(0, 19, (14, 64, 64), dtype=np.uint8), "cpu")


def training(faces: FacesOnDevice, checkpoint: Path, how: str = "eager", **changes) -> Training:
    torch.manual_seed(5)
    weights = LossWeights(pixel_norm="l2", pixel=1, parsing=1, key_regions=1, perceptual=0)
    made = Training(
        WNet(TINY, 4), WNetLoss(weights, None), faces, faces, changed(PLAN, **changes), checkpoint,
        Processes(), how,
    )  # fmt: skip
    if how == "eager-graphs":
        made._recorded.training = made
    return made


@pytest.fixture
def on_paper(monkeypatch) -> None:
    """Recording on the CPU, by a list of operations.

    A graph reads the learning rate from the device's memory, in float32; here both have it so.
    """
    rate_at = loop.rate_at
    monkeypatch.setattr(loop, "rate_at", lambda *given: float(np.float32(rate_at(*given))))
    monkeypatch.setattr(loop, "RecordedStep", OnPaper)
    monkeypatch.setattr(loop, "check_execution", lambda *_: None)


def finished(made: Training) -> tuple[list[dict], dict[str, Tensor]]:
    return made.run(
        lambda count: None, lambda row, network: None
    ).history, made.network.state_dict()


@pytest.mark.usefixtures("on_paper")
def test_a_recorded_training_is_the_eager_one_to_the_bit(faces, tmp_path):
    history, weights = finished(training(faces, tmp_path / "a.pt"))
    recorded = training(faces, tmp_path / "b.pt", "eager-graphs")
    found, learnt = finished(recorded)
    assert recorded._recorded._made == STEPS_BEFORE_RECORDING
    assert len(recorded._recorded._operations.made) > 1000
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
def test_a_training_may_be_taken_up_in_another_execution(faces, tmp_path, monkeypatch, first, then):
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


def test_a_step_asks_the_device_nothing(faces, tmp_path):
    made, operations = training(faces, tmp_path / "a.pt"), Operations()
    batch = next(faces.batches(2))
    with operations:
        made._learn_from(batch)
    names = [func.overloadpacket.__name__ for func, *_ in operations.made]
    assert "convolution_backward" in names
    assert "_fused_adam_" in names
    assert not set(names) & set(ASKS)
    with operations:
        made.step(batch)
        made.step(batch)  # asks for the loss of the one before
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


def test_a_late_number_is_the_one_it_was_asked_for_of():
    scalar = torch.tensor(2.5)
    assert Late(scalar * 2).value() == 5
