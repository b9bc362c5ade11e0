"""Adversarial steps on a GPU: recorded ones equal eager ones, and none waits for the GPU."""

import pytest
import torch
from adversaries import SMALL, training
from batches import noise

from wnet.data.faces_on_device import FacesOnDevice

pytestmark = pytest.mark.cuda


@pytest.fixture
def faces():
    return FacesOnDevice(*noise(10, 4, 32), "cuda")


@pytest.mark.parametrize("name", SMALL)
def test_recorded_steps_are_the_eager_ones_through_all_stages(name, faces, tmp_path):
    eager, recorded = (
        training(name, faces, tmp_path / f"{how}.pt", how, "cuda", epochs=6, rate_steps=())
        for how in ("eager", "eager-graphs")
    )
    batches = [batch for epoch in range(6) for batch in faces.shuffled(1, epoch, 2, True, 0)]
    for step, batch in enumerate(batches):
        wanted, found = eager.steps(batch, step), recorded.steps(batch, step)
        assert list(found) == list(wanted)
        for key, value in wanted.items():
            assert found[key].item() == pytest.approx(value.item(), rel=0.03, abs=1e-4), (step, key)
    assert recorded.steps._recorded._held is not None


@pytest.mark.parametrize("how", ["eager", "eager-graphs"])
@pytest.mark.parametrize("name", SMALL)
def test_nothing_between_two_adversarial_steps_waits_for_the_card(name, how, faces, tmp_path):
    made = training(name, faces, tmp_path / "a.pt", how, "cuda", epochs=6, rate_steps=())
    batches = [*faces.shuffled(1, 0, 2, True, 0)]
    for step in range(15, 20):
        made.steps(batches[step % 5], step)
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for step, batch in enumerate(faces.shuffled(1, 1, 2, True, 0), 20):
            made.steps(batch, step)
    finally:
        torch.cuda.set_sync_debug_mode("default")
