"""The choice of a precision: by the times of steps on copies, which leave no trace."""

from copy import deepcopy
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from batches import noisy_faces
from network_configs import SCHEDULE, TINY, changed
from torch import nn

from wnet.networks.wnet.network import WNet
from wnet.networks.wnet.objective import WNetObjective
from wnet.networks.wnet.settings import Loss
from wnet.training import precision
from wnet.training.loop import Training
from wnet.training.pixels import Pixels
from wnet.training.precision import ROUNDS, SECONDS, faster, step_seconds
from wnet.training.processes import Processes
from wnet.training.settings import Loss as PixelLoss
from wnet.training.steps import Steps

pytestmark = pytest.mark.usefixtures("one_thread")
AUTO = changed(SCHEDULE, epochs=1, learning_rate=0.01, precision="auto", clip_norm=0.5, ema=0.9)


@pytest.mark.parametrize(
    ("fp32", "bf16", "chosen"),
    [(2.2, 1.0, "bf16"), (1.1, 1.0, "bf16"), (1.09, 1.0, "fp32"), (1.0, 7.0, "fp32")],
)
def test_bf16_is_chosen_where_it_is_faster_by_a_tenth(fp32, bf16, chosen):
    assert faster({"fp32": fp32, "bf16": bf16}) == chosen


class Timed:
    """In the place of Steps: a step of each precision lasts as long as `lengths` says."""

    now = 0.0
    made: list[str]

    def __init__(self, network, objective, plan, *rest):
        self._lengths = iter(self.lengths[plan.precision])
        self._last, self._precision = 0.0, plan.precision

    def train(self):
        pass

    def __call__(self, batch, done):
        self._last = next(self._lengths, self._last)
        Timed.now += self._last
        Timed.made.append(self._precision)
        return {"total": torch.zeros(())}


@pytest.fixture
def timed(monkeypatch):
    def measured(**lengths):
        monkeypatch.setattr(precision, "Steps", Timed)
        Timed.lengths, Timed.now, Timed.made = lengths, 0.0, []
        return step_seconds(
            nn.Conv2d(3, 3, 1), Pixels(PixelLoss(pixel_norm="l1")), noisy_faces(4, 4, 16), AUTO,
            Processes(), "eager", lambda: Timed.now,
        )  # fmt: skip

    return measured


def test_the_shortest_step_counts_but_not_the_first(timed):
    assert timed(fp32=[1, 9, 4, 8, 5], bf16=[0.5, 3, 3, 7, 2]) == {"fp32": 4, "bf16": 2}


def test_the_precisions_take_turns(timed):
    timed(fp32=[1], bf16=[1])
    assert Timed.made == ["fp32", "bf16"] * (ROUNDS + 1)


def test_slow_steps_are_timed_at_least_once_and_not_for_long(timed):
    assert timed(fp32=[SECONDS], bf16=[9 * SECONDS]) == {"fp32": SECONDS, "bf16": 9 * SECONDS}
    assert Timed.made == ["fp32", "bf16"] * 2


class Noted(nn.Conv2d):
    """A network that notes in which type it computed."""

    seen: ClassVar[list[torch.dtype]] = []  # of all copies

    def forward(self, lr):
        made = super().forward(lr)
        Noted.seen.append(made.dtype)
        return {"sr": nn.functional.interpolate(made, scale_factor=4)}


def test_each_precision_is_timed_in_its_own_type():
    Noted.seen.clear()
    objective = Pixels(PixelLoss(pixel_norm="l1"))
    step_seconds(Noted(3, 3, 1), objective, noisy_faces(4, 4, 16), AUTO, Processes(), "eager")
    assert Noted.seen == [torch.float32, torch.bfloat16] * (ROUNDS + 1)


def weights_after(checkpoint: Path, measuring: bool) -> dict[str, torch.Tensor]:
    """The weights, and torch's next random number, after a training, perhaps measured before."""
    torch.manual_seed(5)
    weights = Loss(pixel_norm="l2", pixel=1, parsing=1, key_regions=1, perceptual=0)
    network, faces = WNet(TINY, 4), noisy_faces(4, 4, 64)
    objective = WNetObjective(weights, None)
    before = deepcopy(network.state_dict())
    if measuring:
        step_seconds(network, objective, faces, AUTO, Processes(), "eager")
        assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
        assert all(weight.grad is None for weight in network.parameters())
    plan = changed(AUTO, precision="fp32")
    learnt = Training(network, objective, faces, faces, plan, checkpoint, Processes())
    learnt.run(lambda faces: None, lambda row, network: None)
    return learnt.network.state_dict() | {"random": torch.rand(1)}


def test_a_measured_training_has_the_bytes_of_another(tmp_path):
    plain, measured = (weights_after(tmp_path / f"{how}.pt", how) for how in (False, True))
    assert all(torch.equal(value, measured[key]) for key, value in plain.items())


def test_steps_are_not_made_before_the_choice():
    objective = Pixels(PixelLoss(pixel_norm="l1"))
    with pytest.raises(ValueError, match=r"train\.precision is auto; give fp32 or bf16 here"):
        Steps(nn.Conv2d(3, 3, 1), objective, AUTO, 1, Processes(), "eager")
