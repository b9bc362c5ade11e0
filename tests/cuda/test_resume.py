"""A training on a GPU that is killed and resumed gives the same result as one that is not."""

import pytest
import torch

from wnet.training import loop

pytestmark = pytest.mark.cuda


@pytest.mark.parametrize(
    ("first", "then", "device"),
    [
        ("eager", "eager", "cuda"),
        ("eager-graphs", "eager-graphs", "cuda"),
        ("eager-graphs", "eager", "cuda"),
        ("eager-graphs", "eager", "cpu"),
    ],
)
def test_a_training_killed_in_its_second_epoch_resumes(
    begin, finish, monkeypatch, first, then, device
):
    wanted = finish(begin("cuda", first, epochs=3, ema=0.9))
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", -1)
    steps = []

    def killed(count: int) -> None:
        steps.append(count)
        if len(steps) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin("cuda", first, "killed.pt", epochs=3, ema=0.9).run(killed, lambda row, net: None)
    again = begin(device, then, "killed.pt", epochs=3, ema=0.9)
    assert again.done == 4 * 4
    assert {value.device.type for value in again.network.state_dict().values()} == {device}
    found = finish(again)
    assert len(found) == 3
    for row, other in zip(wanted, found, strict=True):
        assert other["train/total"] == pytest.approx(row["train/total"], rel=5e-3)
        assert other["validation/psnr"] == pytest.approx(row["validation/psnr"], abs=0.1)


def test_a_checkpoint_has_the_state_on_the_gpu(begin, finish, tmp_path):
    training = begin("cuda", "eager-graphs", "kept.pt")
    finish(training)
    state = torch.load(tmp_path / "kept.pt", weights_only=True)
    for name, value in training.network.state_dict().items():
        assert torch.equal(state["network"][name].cpu(), value.cpu()), name
