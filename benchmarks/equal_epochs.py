"""The epochs with which all runs of a set train for the same time: `epochs` in `sets`.

Each run is trained from its first stage to its last on a few noise images, in turns with the
others, with the batch and optimizer of the run in `equal_to`. Ratios of CPU time do not depend on
other load.

    OMP_NUM_THREADS=1 python benchmarks/equal_epochs.py sample
"""

import time
from statistics import median

import click
import torch
from step_counts import random_faces

from pipeline.commands.compare import set_of
from pipeline.settings import params
from pipeline.settings.schema import Run
from wnet.networks.by_name import build, objective_of
from wnet.training.processes import Processes
from wnet.training.settings import Schedule
from wnet.training.steps import Steps


@click.command()
@click.argument("name")
@click.option("--steps", default=12, show_default=True, help="Of each training.")
@click.option("--rounds", default=5, show_default=True)
def main(name: str, steps: int, rounds: int) -> None:
    """Print the epochs of each run of the set NAME that take as long as those of `equal_to`."""
    everything = params.load()
    chosen = set_of(everything, name)
    base = chosen.equal_to or chosen.runs[0]
    plan = everything.runs[base].train
    side = everything.recipes[chosen.dataset].crop.resolution
    (scale, *_) = chosen.scales
    seconds: dict[str, list[float]] = {run: [] for run in chosen.runs}
    for _ in range(rounds):
        for run, measured in seconds.items():
            measured.append(trained(everything.runs[run], plan, scale, side, steps))
    lasting = {run: median(measured) / steps / plan.batch for run, measured in seconds.items()}
    for run, face in lasting.items():
        epochs = max(1, round(plan.epochs * lasting[base] / face))
        click.echo(f"      {run}: {epochs}  # {1 / face:.1f} faces a second of CPU time")


def trained(run: Run, plan: Schedule, scale: int, side: int, steps: int) -> float:
    """CPU seconds of a whole training of so many steps, after one for warming up."""
    torch.manual_seed(1)
    network = build(run.model.network, run.model, scale)
    objective = objective_of(run.model.network, run.model, run.loss, scale, side, {})
    faces = random_faces(plan.batch * steps, scale, side, "cpu")
    learn = Steps(network, objective, plan, steps, Processes(), "eager")
    batches = list(faces.shuffled(1, 0, plan.batch, plan.flip, 0))
    learn.train()
    learn(batches[0], 0)
    begun = time.process_time()
    for done, batch in enumerate(batches):
        learn(batch, done)
    return time.process_time() - begun


if __name__ == "__main__":
    main()
