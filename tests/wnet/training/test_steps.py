"""Objectives of many kinds in one loop: stages, discriminators, and resuming after a kill."""

import math

import pytest
import torch
from adversaries import CRITIC, LOSSES, SMALL, training
from batches import noise, noisy_faces
from network_configs import changed
from recording import ASKS, OnPaper, Operations
from torch import Tensor, nn

from wnet.data.faces_on_device import FacesOnDevice
from wnet.networks.by_name import build, config_of, loss_of, objective_of
from wnet.networks.srresnet.objective import SRGAN
from wnet.training import loop, steps
from wnet.training.execution import STEPS_BEFORE_RECORDING
from wnet.training.loop import Training, TrainingDiverged

pytestmark = pytest.mark.usefixtures("one_thread")
every_adversary = pytest.mark.parametrize("name", SMALL)


@pytest.fixture(scope="module")
def faces():
    return noisy_faces(10, 4, 32)


def finish(made: Training) -> list[dict]:
    return made.run(lambda count: None, lambda row, network: None).history


def everything(made: Training) -> dict[str, Tensor]:
    """Weights and the optimizers' state, of the network and of the discriminator."""
    state = made.steps.state()
    found = {
        f"{whose} {name}": value
        for whose in ("network", "discriminator")
        for name, value in state[whose].items()
    }
    for whose in ("optimizer", "discriminator_optimizer"):
        for number, memory in state[whose]["state"].items():
            found |= {f"{whose} {number} {name}": value for name, value in memory.items()}
    return found


@every_adversary
@pytest.mark.parametrize("killed_at", [3, 7])  # of 10 steps in 2 epochs; the discriminator's are 5
def test_a_killed_adversarial_training_ends_in_the_same_bits(
    name, killed_at, faces, tmp_path, monkeypatch
):
    wanted = training(name, faces, tmp_path / "whole.pt")
    history = finish(wanted)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", -1)
    made, done = training(name, faces, tmp_path / "killed.pt"), []

    def killed(count: int) -> None:
        done.append(count)
        if len(done) == killed_at + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        made.run(killed, lambda row, network: None)
    again = training(name, faces, tmp_path / "killed.pt")
    assert again.done == 2 * killed_at
    assert finish(again) == history
    found = everything(again)
    for key, value in everything(wanted).items():
        assert torch.equal(found[key], value), key


@every_adversary
def test_the_discriminator_learns_by_its_own_steps_and_from_its_own_share_on(name, faces, tmp_path):
    made = training(name, faces, tmp_path / "a.pt")
    judge = made.steps.objective.discriminator
    moved = []
    for step, batch in enumerate([*faces.shuffled(1, 0, 2, True, 0)] * 2):
        before = {key: value.clone() for key, value in judge.named_parameters()}
        terms = made.steps(batch, step)
        moved.append(any(not torch.equal(before[k], v) for k, v in judge.named_parameters()))
        assert ("adversarial" in terms) == (step >= 5)
        assert not any(weights.requires_grad for weights in judge.parameters())
    begins = {"wipa": 3}.get(name, 5)
    assert moved == [False] * begins + [True] * (10 - begins)


def test_the_adversarial_term_changes_only_the_network_in_its_step(faces):
    """The gradient of the adversarial term, by hand: through the unchanged discriminator."""
    loss = loss_of("srresnet")(**LOSSES["srresnet"] | CRITIC | {"pixel": 0.0})
    torch.manual_seed(3)
    network = build("srresnet", config_of("srresnet")(**SMALL["srresnet"]), 4)
    objective = objective_of("srresnet", network.config, loss, 4, 32, {})
    batch = next(faces.batches(4))
    made = objective.made(network, batch)
    total = objective(made, batch)["total"]
    logits = objective.discriminator(made["sr"])
    assert total.item() == pytest.approx(0.01 * -torch.log(torch.sigmoid(logits)).mean().item())
    total.backward()
    assert network.tail.weight.grad.abs().max() > 0
    assert all(weights.grad is None for weights in objective.discriminator.parameters())


def test_srgan_s_terms_are_those_of_its_paper_in_images_of_minus_1_to_1(faces):
    class Half(nn.Module):
        def forward(self, images):
            return images[:, :, ::2, ::2]

    loss = loss_of("srresnet")(**LOSSES["srresnet"] | CRITIC | {"perceptual": 0.5})
    objective = SRGAN(loss, Half(), nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 1)))
    batch = next(faces.batches(2))
    sr = torch.rand(2, 3, 32, 32)
    terms = objective({"sr": sr}, batch)
    squares = (sr - batch.hr).square()
    judged = [objective.discriminator(images).double() for images in (batch.hr, sr)]
    wanted = {
        "pixel": 4 * squares.mean().item(),
        "perceptual": squares[:, :, ::2, ::2].mean().item(),
        "adversarial": sum(math.log(1 + math.exp(-x)) for x in judged[1].flatten().tolist()) / 2,
    }
    wanted["total"] = wanted["pixel"] + 0.5 * wanted["perceptual"] + 0.01 * wanted["adversarial"]
    assert {name: term.item() for name, term in terms.items()} == pytest.approx(wanted, rel=1e-5)
    found = objective.judge(sr, batch)
    real, fake = ([x.item() for x in logits] for logits in judged)
    assert found["discriminator_hr"].item() == pytest.approx(
        sum(math.log(1 + math.exp(-x)) for x in real) / 2, rel=1e-5
    )
    assert found["discriminator_sr"].item() == pytest.approx(
        sum(math.log(1 + math.exp(x)) for x in fake) / 2, rel=1e-5
    )


def test_rates_of_network_and_discriminator_fall_together_or_apart(faces, tmp_path):
    for how, wanted in (("same", 5e-4), ("constant", 1e-3)):
        made = training(
            "srresnet", faces, tmp_path / f"{how}.pt", loss={"discriminator_schedule": how}
        )
        made.steps(next(faces.batches(2)), 5)
        rates = [o.param_groups[0]["lr"] for o in (made.steps.optimizer, made.steps._critic)]
        assert rates == pytest.approx([5e-4, wanted])


def test_rmsprop_is_pytorch_s(faces, tmp_path):
    made = training("srresnet", faces, tmp_path / "a.pt", optimizer="rmsprop", rate_steps=())
    torch.manual_seed(3)
    network = build("srresnet", config_of("srresnet")(**SMALL["srresnet"]), 4).train()
    plain = torch.optim.RMSprop(network.parameters(), lr=1e-3, alpha=0.99)
    for step, batch in enumerate(faces.shuffled(1, 0, 2, True, 0)):
        if step == 3:
            break
        made.steps(batch, step)
        plain.zero_grad()
        (4 * (network(batch.lr)["sr"] - batch.hr).square().mean()).backward()
        plain.step()
    for found, wanted in zip(made.network.parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-6)


def test_the_hourglass_learns_alone_then_rests_then_learns_with_the_rest(faces, tmp_path):
    made = training("dic", faces, tmp_path / "a.pt")
    hourglass = dict(made.network.alignment.named_parameters())
    others = {k: v for k, v in made.network.named_parameters() if not k.startswith("alignment")}
    seen = []
    for step, batch in enumerate([*faces.shuffled(1, 0, 2, True, 0)] * 2):
        before = [[v.detach().clone() for v in part.values()] for part in (hourglass, others)]
        terms = made.steps(batch, step)
        moved = [
            any(not torch.equal(old, new) for old, new in zip(olds, part.values(), strict=True))
            for olds, part in zip(before, (hourglass, others), strict=True)
        ]
        seen.append((*moved, "pixel" in terms))
    alone, rests, both = (True, False, False), (False, True, True), (True, True, True)
    assert seen == [alone] * 2 + [rests] * 2 + [both] * 6


@pytest.mark.parametrize("name", ["dic", "fsrnet"])
def test_a_face_without_landmarks_is_excluded_from_the_heatmap_loss(name, faces):
    config = config_of(name)(**SMALL[name])
    loss = loss_of(name)(**LOSSES[name] | CRITIC | {"adversarial": 0.0})
    objective, network = objective_of(name, config, loss, 4, 32, {}), build(name, config, 4)
    batch, key = next(faces.batches(2)), {"dic": "heatmaps", "fsrnet": "priors"}[name]
    batch.points[1] = math.nan
    made = {k: v.detach().requires_grad_() for k, v in network(batch.lr).items()}
    objective(made, batch)["total"].backward()
    heatmaps = made[key].grad[..., -68:, :, :]
    assert heatmaps[1].abs().max() == 0
    assert heatmaps[0].abs().max() > 0
    assert made[key].grad.isfinite().all()


def test_shares_are_logged_once_per_stage_and_the_last_adversarial_weights_are_kept(
    faces, tmp_path
):
    told, stages = [], training("srresnet", faces, tmp_path / "a.pt", epochs=4)
    outcome = stages.run(lambda count: None, lambda row, network: None, told.append)
    assert [list(shares) for shares in told] == [["pixel"], ["pixel", "adversarial"]]
    assert sum(told[1].values()) == pytest.approx(1)
    assert outcome.best_epoch == 4
    last = stages.network.state_dict()
    assert all(torch.equal(outcome.best[name], value) for name, value in last.items())


def test_a_nan_discriminator_is_not_saved(faces, tmp_path):
    made = training("srresnet", faces, tmp_path / "a.pt", loss={"adversarial_from": 0.0})
    with torch.no_grad():
        next(made.steps.objective.discriminator.parameters()).fill_(math.nan)
    with pytest.raises(TrainingDiverged):
        finish(made)
    assert not (tmp_path / "a.pt").exists()


def test_an_adversarial_step_does_not_wait_for_the_device_and_can_be_recorded(
    faces, tmp_path, monkeypatch
):
    monkeypatch.setattr(steps, "check_execution", lambda *_: None)
    monkeypatch.setattr(steps, "RecordedStep", OnPaper)
    for name in SMALL:
        plain = training(name, faces, tmp_path / f"{name}.pt", rate_steps=(),
                         epochs=4)  # fmt: skip
        made = training(name, faces, tmp_path / f"{name}-recorded.pt", "eager-graphs",
                        rate_steps=(), epochs=4)  # fmt: skip
        rate = torch.tensor(1e-3).item()  # as a graph reads it
        for steps_of in (plain.steps, made.steps):
            steps_of._plan = changed(steps_of._plan, learning_rate=rate)
            steps_of.objective.adversary = changed(
                steps_of.objective.adversary, discriminator_rate=rate
            )
        OnPaper.training = made
        batches = [*faces.shuffled(1, 0, 2, True, 0)] * 4
        for step, batch in enumerate(batches):
            wanted, found = (one.steps(batch, step) for one in (plain, made))
            for key, value in wanted.items():
                assert torch.equal(found[key], value), (name, step, key)
        assert made.steps._recorded._made == STEPS_BEFORE_RECORDING
        operations = Operations()
        with operations:
            plain.steps(batches[0], 19)
        assert not {f.overloadpacket.__name__ for f, *_ in operations.made} & set(ASKS), name


@every_adversary
def test_a_few_faces_are_learnt(name, tmp_path):
    """By each objective, its discriminator included: the pixel error falls by half and more."""
    columns = noise(2, 4, 32)
    columns[1] = columns[0][:, ::2, ::2].repeat(8, 1).repeat(8, 2)
    columns[0] = columns[1][:, ::4, ::4].copy()
    few = FacesOnDevice(*columns, "cpu")
    epochs = {"dic": 160}.get(name, 60)
    made = training(name, few, tmp_path / "a.pt", epochs=epochs, batch=2, flip=False,
                    learning_rate=5e-3, rate_steps=(), loss={"adversarial": 0.001})  # fmt: skip
    errors = []
    for epoch in range(epochs):
        for batch in few.shuffled(1, epoch, 2, False, 0):
            terms = made.steps(batch, epoch)
            errors += [terms["pixel"].item()] if "pixel" in terms else []
    assert errors[-1] < 0.5 * errors[0], (errors[0], errors[-1])
