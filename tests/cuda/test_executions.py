"""Compiled and recorded steps compute the same as eager ones, and do not wait for the GPU."""

import pytest
import torch

from wnet.training.loop import TrainingDiverged

pytestmark = pytest.mark.cuda
COMPILED = [pytest.param(name, marks=pytest.mark.slow) for name in ("compiled", "graphs")]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("execution", ["eager-graphs", *COMPILED])
def test_another_execution_learns_the_same(begin, finish, execution, precision):
    options = {"precision": precision, "clip_norm": 0.5, "ema": 0.9, "epochs": 3}
    wanted = finish(begin("cuda", **options))
    training = begin("cuda", execution, **options)
    found = finish(training)
    if execution != "compiled":
        assert training.steps._recorded._held is not None
    tolerance = 2e-3 if precision == "fp32" else 3e-2
    for row, other in zip(wanted, found, strict=True):
        assert other["learning_rate"] == row["learning_rate"]
        assert other["train/total"] == pytest.approx(row["train/total"], rel=tolerance)
        assert other["validation/psnr"] == pytest.approx(row["validation/psnr"], abs=0.2)


@pytest.mark.parametrize("execution", ["eager", "eager-graphs"])
def test_nothing_between_two_steps_waits_for_the_card(begin, execution):
    training = begin("cuda", execution, epochs=4)
    for epoch in range(2):  # what is done once: kernels are chosen, the step is recorded
        for batch in training.faces.shuffled(1, epoch, 4, True, 0):
            training.step(batch)
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for batch in training.faces.shuffled(1, 2, 4, True, 0):
            training.step(batch)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_a_nan_loss_stops_a_recorded_training(begin):
    training = begin("cuda", "eager-graphs", epochs=4)
    batches = list(training.faces.shuffled(1, 0, 4, True, 0))
    for batch in [*batches, *batches]:
        training.step(batch)
    training.step(batches[0]._replace(hr=batches[0].hr * float("nan")))
    with pytest.raises(TrainingDiverged, match="the loss is nan"):
        training.step(batches[1])


def test_recorded_losses_are_of_their_own_batch(begin):
    recorded, plain = begin("cuda", "eager-graphs"), begin("cuda")
    batches = list(plain.faces.shuffled(1, 0, 4, True, 0)) * 3
    kept = [recorded.step(batch) for batch in batches]
    wanted = [plain.step(batch) for batch in batches]
    for terms, others in zip(kept, wanted, strict=True):
        assert terms["total"].item() == pytest.approx(others["total"].item(), rel=2e-3)
