"""W-Net and what it is compared with, each trained for the same time on this machine.

Every network has the same faces, batch, schedule and seconds. Its learning rate is the best of
three by validation after a short pilot, so none suffers from a rate that suits another. The epochs
that fill the time follow from the pilot's rate, so that the schedule ends where the time does.
Scores are of the test faces, protocol dic, by the weights that validated best.

    python benchmarks/equal_time.py --training sample-x4 --seconds 240
"""

import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import click
import numpy as np
import torch
from step_counts import objective_for

from pipeline.harness import environment
from pipeline.settings import entries, params, schema
from pipeline.training_set import TrainingSet
from wnet.data.batches import Faces
from wnet.data.pixels import to_bytes
from wnet.data.resize import bicubic
from wnet.metrics.images import psnr, ssim
from wnet.networks.by_name import build
from wnet.networks.network import upscale
from wnet.training.loop import Training
from wnet.training.processes import Processes
from wnet.training.settings import Schedule


@click.command()
@click.option("--training", default="sample-x4", help="Whose faces and schedule all have.")
@click.option("--runs", default="wnet-small,srcnn,vdsr,edsr", help="Whose networks and losses.")
@click.option("--seconds", default=240.0, help="For each network.")
@click.option("--pilot", default=25.0, help="Seconds for each learning rate, before that.")
@click.option("--rates", default="0.0005,0.001,0.002", help="Learning rates to choose from.")
@click.option("--out", type=click.Path(path_type=Path), default="equal_time.json")
def main(training: str, runs: str, seconds: float, pilot: float, rates: str, out: Path) -> None:
    """Train each of RUNS for SECONDS on the faces of TRAINING and score it on their test faces."""
    everything = params.load()
    item, device = everything.trainings[training], environment.device()
    plan = everything.runs[item.run].train
    faces, validation, test = load(item, device)
    click.echo(f"{training}: {len(faces)} faces to train, {len(test)} to test; {device},")
    clock = "seconds" if device.startswith("cuda") else "seconds of CPU time"
    click.echo(
        f"{clock}, {torch.get_num_threads()} threads, batch {plan.batch}, {plan.schedule} rate"
    )
    click.echo("network      weights     rate    faces  seconds   PSNR    SSIM")
    rows = [score("bicubic", None, test, item.scale)]
    for name in runs.split(","):
        run, best = everything.runs[name], None
        for rate in map(float, rates.split(",")):
            tried = train(
                run,
                item.scale,
                plan.model_copy(update={"learning_rate": rate}),
                faces,
                validation,
                pilot,
            )
            if best is None or tried["psnr"] > best["psnr"]:
                best = tried
        done = train(run, item.scale, best["plan"], faces, validation, seconds)
        rows.append(score(name, done, test, item.scale))
    out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def load(item: entries.Training, device: str) -> list[Faces]:
    """The prepared faces of a training: to train, to validate and to test."""
    data = Path("data")
    places = TrainingSet(
        data / "crop" / item.dataset,
        data / "parse" / item.dataset,
        data / f"pyramid/{item.dataset}/x{item.scale}",
        data / f"split/{item.dataset}/{item.split}.json",
        item.scale,
    )
    return [places.faces(subset, device) for subset in ("train", "validation", "test")]


class First(Faces):
    """The first faces of others."""

    def __init__(self, faces: Faces, count: int):
        self._faces, self._count = faces, min(count, len(faces))

    def __len__(self) -> int:
        return self._count

    def _columns(self, orders: Iterable[np.ndarray]) -> Iterator[list[torch.Tensor]]:
        return self._faces._columns(orders)


def train(
    run: schema.Run, scale: int, plan: Schedule, faces: Faces, validation: Faces, seconds: float
) -> dict:
    """Train for about so many seconds: the network, its best PSNR, and how it went.

    Where the time is too short for one epoch, the epoch is of fewer faces.
    """
    count = seconds * _faces_per_second(run, scale, plan, faces, validation)
    epochs = max(1, round(count / len(faces)))
    plan = plan.model_copy(update={"epochs": epochs, "validate_every": max(1, epochs // 10)})
    begun = _seconds()
    some = First(faces, max(plan.batch, int(count / epochs)))
    training = training_of(run, scale, plan, some, validation)
    outcome = training.run(lambda count: None, lambda row, network: None)
    taken = _seconds() - begun
    training.network.load_state_dict(outcome.best)
    return {
        "network": training.network,
        "plan": plan,
        "seen": training.total,
        "psnr": outcome.best_psnr,
        "seconds": taken,
    }


def training_of(
    run: schema.Run, scale: int, plan: Schedule, faces: Faces, validation: Faces
) -> Training:
    """A training by the plan, with the run's own limit of gradients, that nothing resumes."""
    torch.manual_seed(plan.seed)
    network = build(run.model.network, run.model, scale).to(environment.device())
    return Training(
        network,
        objective_for(run, scale, next(faces.batches(1)).hr.shape[-1]),
        faces,
        validation,
        plan.model_copy(update={"clip_norm": run.train.clip_norm}),
        Path(tempfile.mkdtemp()) / "checkpoint.pt",
        Processes(),
    )


def _faces_per_second(
    run: schema.Run, scale: int, plan: Schedule, faces: Faces, validation: Faces
) -> float:
    """Of training steps, after two that warm up."""
    training = training_of(run, scale, plan, faces, validation)
    batches = list(islice(faces.shuffled(1, 0, plan.batch, plan.flip, 0), 7))
    for batch in batches[:2]:
        training.step(batch)
    begun = _seconds()
    for batch in batches[2:]:
        training.step(batch)["total"].item()
    return plan.batch * len(batches[2:]) / (_seconds() - begun)


def _seconds() -> float:
    """The clock: CPU time where networks run on the CPU, which other programs do not slow down."""
    on_cuda = environment.device().startswith("cuda")
    return time.perf_counter() if on_cuda else time.process_time()


def score(name: str, trained: dict | None, test: Faces, scale: int) -> dict:
    """PSNR and SSIM of the test faces by protocol dic; prints and returns the row."""
    pairs = []
    for batch in test.batches(32):
        lr, hr = (to_bytes(images) for images in (batch.lr, batch.hr))
        if trained is None:
            made = bicubic(lr, hr.shape[1], hr.shape[2])
        else:
            made = to_bytes(upscale(trained["network"].eval(), batch.lr)[0])
        pairs.append([metric(made, hr, "dic", scale) for metric in (psnr, ssim)])
    means = np.concatenate(pairs, axis=1).mean(axis=1)
    row = {"network": name, "psnr": float(means[0]), "ssim": float(means[1])}
    told = " " * 36
    if trained is not None:
        plan = trained["plan"]
        row["weights"] = sum(weights.numel() for weights in trained["network"].parameters())
        row |= {"rate": plan.learning_rate, "epochs": plan.epochs, "seen": trained["seen"]}
        row["seconds"] = trained["seconds"]
        told = f"{row['weights']:9,}  {row['rate']:7}  {row['seen']:7}  {row['seconds']:7.0f}"
    click.echo(f"{name:10} {told}  {row['psnr']:5.2f}  {row['ssim']:.4f}")
    return row


if __name__ == "__main__":
    main()
