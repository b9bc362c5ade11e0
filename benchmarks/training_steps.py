"""Training steps: real data compared with one fixed batch, and ours with a plain eager loop.

The plain loop is a simple first version: the default memory format, PyTorch's default Adam, a
DataLoader without decoding. It runs in its own process, since our memory settings would speed it up
too. Both start from the same weights on the same batch, and the losses of the first steps are
checked to agree. Times are wall-clock times, measured in turns. WNET_COMPILE sets the execution of
ours.

    python benchmarks/training_steps.py --batch 8
"""

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import click
import torch
from interleaved import rates, report, save
from step_counts import objective_for, random_faces
from torch.utils.data import DataLoader, TensorDataset

from pipeline.harness import environment
from pipeline.settings import params
from wnet.data.batches import Batch
from wnet.data.faces_on_device import FacesOnDevice
from wnet.networks.by_name import build
from wnet.training.loop import Training
from wnet.training.objective import Objective
from wnet.training.processes import Processes
from wnet.training.settings import Schedule

AGREEING = 3  # first steps, on one batch, whose losses are compared


@click.command()
@click.option("--run", "run_name", default="wnet-small", show_default=True)
@click.option("--scale", default=8, show_default=True)
@click.option("--resolution", default=128, show_default=True)
@click.option("--batch", default=8, show_default=True)
@click.option("--steps", default=4, show_default=True, help="In each turn.")
@click.option("--rounds", default=9, show_default=True)
def main(run_name: str, scale: int, resolution: int, batch: int, steps: int, rounds: int) -> None:
    """Time steps of a run without its perceptual loss."""
    asked = (run_name, scale, resolution, batch, steps, rounds)
    context = multiprocessing.get_context("spawn")
    plain, theirs = context.Pipe()
    context.Process(target=plain_loop, args=(theirs, *asked), daemon=True).start()
    device = environment.device()
    faces, loss, plan, network = prepared(*asked, device)
    execution = environment.execution(device, processes=1)
    ours = Training(network, loss, faces, faces, plan, Path("/none"), Processes(), execution)
    fixed = next(faces.batches(batch))
    agree([ours.step(fixed)["total"].item() for _ in range(AGREEING)], plain.recv())
    ways = {
        "plain loop": lambda: (plain.send("next"), plain.recv()),
        "ours, fixed batch": lambda: wait(device, [ours.step(fixed) for _ in range(steps)]),
        "ours, real data": real_data(ours, faces, batch, plan.flip, steps, device),
    }
    measured = rates(ways, batch * steps, rounds, time.perf_counter)
    plain.send(None)
    how = f"{torch.get_num_threads()} threads, {execution}"
    title = f"{run_name} x{scale} at {resolution} px, batch {batch}, {device}, {how}"
    goals = {
        ("ours, real data", "ours, fixed batch"): 1 / 1.02,
        ("ours, real data", "plain loop"): 1.3,
    }
    save("training_steps", [report(title, measured, goals)])


def prepared(
    run_name: str, scale: int, resolution: int, batch: int, steps: int, rounds: int, device: str
) -> tuple[FacesOnDevice, Objective, Schedule, torch.nn.Module]:
    """The common faces, objective and initial weights of both loops."""
    run = params.load().runs[run_name]
    loss = objective_for(run, scale, resolution)
    plan = run.train.model_copy(update={"batch": batch, "schedule": "constant"})
    torch.manual_seed(1)
    network = build(run.model.network, run.model, scale).to(device)
    faces = random_faces(batch * steps * (rounds + 2), scale, resolution, device)
    return faces, loss, plan, network


def plain_loop(
    pipe: Connection,
    run_name: str,
    scale: int,
    resolution: int,
    batch: int,
    steps: int,
    rounds: int,
) -> None:
    """A plain training loop: makes steps whenever the pipe requests; first those to compare."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    faces, loss, plan, network = prepared(run_name, scale, resolution, batch, steps, rounds, device)
    adam = torch.optim.Adam(
        network.parameters(), plan.learning_rate, (plan.beta1, plan.beta2), plan.epsilon
    )

    def step(batch: Batch) -> float:
        total = loss(network(batch.lr), batch)["total"]
        adam.zero_grad()
        total.backward()
        adam.step()
        return total.item()

    fixed = next(faces.batches(batch))
    pipe.send([step(fixed) for _ in range(AGREEING)])
    whole = TensorDataset(*next(faces.batches(len(faces))))
    loader = DataLoader(whole, batch, shuffle=True, drop_last=True)
    batches = iter(loader)
    while pipe.recv():
        for _ in range(steps):
            columns = next(batches, None)
            if columns is None:
                batches = iter(loader)
                columns = next(batches)
            step(Batch(*columns))
        pipe.send("done")


def real_data(
    training: Training, faces: FacesOnDevice, batch: int, flip: bool, steps: int, device: str
) -> Callable[[], None]:
    """Steps on shuffled and mirrored faces."""
    batches = faces.shuffled(1, 0, batch, flip, 0)
    return lambda: wait(device, [training.step(next(batches)) for _ in range(steps)])


def wait(device: str, _: list) -> None:
    """Wait until the device has finished all queued work."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def agree(ours: list[float], plain: list[float]) -> None:
    """Check that both loops compute the same losses."""
    for one, other in zip(ours, plain, strict=True):
        click.echo(f"loss of the same step: {one:.6f} and {other:.6f}")
        assert abs(one - other) < 1e-3 * abs(other)


if __name__ == "__main__":
    main()
