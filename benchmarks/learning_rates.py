"""The best learning rate of each run of a set: `learning_rates` in `sets`.

Each run is trained at each rate for a tenth of its epochs, from its first stage to its last, with
the batch and optimizer of the run in `equal_to` and the full decay of the rate. The score is PSNR
on the validation faces, which `dvc repro` prepares.

    OMP_NUM_THREADS=1 python benchmarks/learning_rates.py sample
"""

import math
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import numpy as np
import torch
from step_counts import objective_for

from pipeline.commands.compare import set_of
from pipeline.settings import params
from pipeline.settings.entries import Training as Entry
from pipeline.settings.schema import Run
from pipeline.settings.sets import entries_of
from pipeline.training_set import TrainingSet
from wnet.data.batches import Faces
from wnet.networks.by_name import build
from wnet.training.loop import Training, TrainingDiverged
from wnet.training.processes import Processes
from wnet.training.settings import Schedule


@click.command()
@click.argument("name")
@click.option("--rates", default="0.0005,0.001,0.002", show_default=True, help="To choose from.")
@click.option("--share", default=0.1, show_default=True, help="Part of the epochs.")
def main(name: str, rates: str, share: float) -> None:
    """Print the best of RATES for each run of the set NAME, at its first scale."""
    everything = params.load()
    chosen = set_of(everything, name)
    trainings = list(entries_of(everything, name)["trainings"].values())[: len(chosen.runs)]
    faces, validation = faces_of(trainings[0])
    for training in trainings:
        run = everything.runs[training.run]
        plan = everything.runs[training.equal_to or training.run].train
        wanted = (training.epochs or plan.epochs) * share
        epochs = max(1, round(wanted))
        some = First(faces, max(plan.batch, int(len(faces) * wanted / epochs)))
        scores = {}
        for rate in map(float, rates.split(",")):
            own = {"epochs": epochs, "validate_every": epochs, "learning_rate": rate}
            plan = plan.model_copy(update=own)
            scores[rate] = trained(run, training.scale, plan, some, validation)
        each = ", ".join(f"{rate}: {psnr:.2f} dB" for rate, psnr in scores.items())
        click.echo(f"      {training.run}: {max(scores, key=scores.get)}  # {each}")


def faces_of(item: Entry) -> list[Faces]:
    """The prepared train and validation faces of a training."""
    data = Path("data")
    places = TrainingSet(
        data / "crop" / item.dataset,
        data / "parse" / item.dataset,
        data / f"pyramid/{item.dataset}/x{item.scale}",
        data / f"split/{item.dataset}/{item.split}.json",
        item.scale,
    )
    return [places.faces(subset, "cpu") for subset in ("train", "validation")]


class First(Faces):
    """The first faces of a set."""

    def __init__(self, faces: Faces, count: int):
        self._faces, self._count = faces, min(count, len(faces))

    def __len__(self) -> int:
        return self._count

    def _columns(self, orders: Iterable[np.ndarray]) -> Iterator[list[torch.Tensor]]:
        return self._faces._columns(orders)


def trained(run: Run, scale: int, plan: Schedule, faces: Faces, validation: Faces) -> float:
    """PSNR of the validation faces after a whole training; -inf if it diverged."""
    torch.manual_seed(plan.seed)
    with tempfile.TemporaryDirectory() as folder:
        training = Training(
            build(run.model.network, run.model, scale),
            objective_for(run, scale, next(faces.batches(1)).hr.shape[-1]),
            faces,
            validation,
            plan,
            Path(folder) / "checkpoint.pt",
            Processes(),
        )
        try:
            return training.run(lambda count: None, lambda row, network: None).best_psnr
        except TrainingDiverged:
            return -math.inf


if __name__ == "__main__":
    main()
