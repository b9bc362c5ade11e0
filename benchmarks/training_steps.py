"""A training step: with real data against one fixed batch, and ours against a plain eager loop.

The plain loop is what a first version would be: the default memory format, PyTorch's default Adam,
a DataLoader that decodes nothing. Both start from the same weights on the same batch; the losses of
the first steps are shown to agree. Times are on the wall, the ways in turns.

    python benchmarks/training_steps.py --batch 8
"""

import time
from pathlib import Path

import click
import torch
from interleaved import rates, report, save
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from training_rates import random_faces

from pipeline import environment, params
from wnet.data.batches import Batch
from wnet.network.losses import WNetLoss
from wnet.network.networks import build
from wnet.processes import Processes
from wnet.training import Schedule, Training


@click.command()
@click.option("--run", "run_name", default="wnet-small", show_default=True)
@click.option("--scale", default=8, show_default=True)
@click.option("--resolution", default=128, show_default=True)
@click.option("--batch", default=8, show_default=True)
@click.option("--steps", default=4, show_default=True, help="In each turn.")
@click.option("--rounds", default=9, show_default=True)
def main(run_name: str, scale: int, resolution: int, batch: int, steps: int, rounds: int) -> None:
    """Time steps of a run without its perceptual loss."""
    device = environment.device()
    run = params.load().runs[run_name]
    loss = WNetLoss(run.loss.model_copy(update={"perceptual": 0.0}).weights(), None)
    plan = Schedule(**run.train.learning() | {"batch": batch, "schedule": "constant"})
    faces = random_faces(batch * steps * (rounds + 2), scale, resolution, device)
    torch.manual_seed(1)
    ours = Training(
        build(run.model.architecture(scale)).to(device), loss, faces, faces, plan,
        Path("/none"), Processes(),
    )  # fmt: skip
    plain = build(run.model.architecture(scale)).to(device)
    plain.load_state_dict(ours.network.state_dict())
    adam = torch.optim.Adam(
        plain.parameters(), plan.learning_rate, (plan.beta1, plan.beta2), plan.epsilon
    )
    fixed = next(faces.batches(batch))
    agree([ours.step(fixed)["total"].item() for _ in range(3)],
          [plain_step(plain, adam, loss, fixed) for _ in range(3)])  # fmt: skip
    ways = {
        "plain loop": plain_loop(plain, adam, loss, faces, batch, steps),
        "ours, fixed batch": lambda: wait(device, [ours.step(fixed) for _ in range(steps)]),
        "ours, real data": real_data(ours, faces, batch, plan.flip, steps, device),
    }
    measured = rates(ways, batch * steps, rounds, time.perf_counter)
    threads = torch.get_num_threads()
    title = f"{run_name} x{scale} at {resolution} px, batch {batch}, {device}, {threads} threads"
    goals = {
        ("ours, real data", "ours, fixed batch"): 1 / 1.02,
        ("ours, real data", "plain loop"): 1.3,
    }
    save("training_steps", [report(title, measured, goals)])


def plain_step(network: nn.Module, adam: torch.optim.Adam, loss: WNetLoss, batch: Batch) -> float:
    """One step as a tutorial writes it."""
    sr, parsing = network(batch.lr)
    total = loss(sr, parsing, batch.hr, batch.skin_lr, batch.classes)["total"]
    adam.zero_grad()
    total.backward()
    adam.step()
    return total.item()


def plain_loop(network: nn.Module, adam, loss: WNetLoss, faces, batch: int, steps: int):
    """Steps on the batches of a DataLoader."""
    loader = DataLoader(
        TensorDataset(*next(faces.batches(len(faces)))), batch, shuffle=True, drop_last=True
    )
    batches = iter(loader)

    def run() -> None:
        nonlocal batches
        for _ in range(steps):
            columns = next(batches, None)
            if columns is None:
                batches = iter(loader)
                columns = next(batches)
            plain_step(network, adam, loss, Batch(*columns))

    return run


def real_data(training: Training, faces, batch: int, flip: bool, steps: int, device: str):
    """Steps on shuffled and mirrored faces."""
    batches = faces.shuffled(1, 0, batch, flip, 0)

    def run() -> None:
        wait(device, [training.step(next(batches)) for _ in range(steps)])

    return run


def wait(device: str, _: list) -> None:
    """Until the device has done all that it was asked."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def agree(ours: list[float], plain: list[float]) -> None:
    """Show that both loops compute the same."""
    for one, other in zip(ours, plain, strict=True):
        click.echo(f"loss of the same step: {one:.6f} and {other:.6f}")
        assert abs(one - other) < 1e-3 * abs(other)


if __name__ == "__main__":
    main()
