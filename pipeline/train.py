"""Stage `train`: train one network for one scale, with learning curves."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path

import click
import torch
from torch import nn

from pipeline.chosen_precision import precision_of
from pipeline.curves import Curves
from pipeline.harness import environment, scratch
from pipeline.harness.command import stage_command
from pipeline.harness.journal import Journal
from pipeline.harness.launch import under_torchrun
from pipeline.harness.record import MADE_BY, record_of, write_record
from pipeline.harness.training_bar import TrainingBar, predicted_time
from pipeline.settings.inputs import CropInputs, TrainInputs
from pipeline.settings.resolution import DEGRADATION
from pipeline.settings.resolved import entry
from pipeline.training_set import TrainingSet
from wnet.data.batches import Faces
from wnet.data.pixels import to_bytes
from wnet.figures.progress import progress_sheet
from wnet.networks.by_name import build, objective_of
from wnet.networks.network import Network, upscale
from wnet.training.loop import Progress, Training, TrainingDiverged
from wnet.training.precision import step_seconds
from wnet.training.processes import Processes, joined

CHECKPOINT = "checkpoint.pt"
NAMES_SHOWN = 32
DWARFS = 3.0  # a term larger than the pixel loss by this factor causes a warning


@stage_command
@click.argument("name")
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("parsing", type=click.Path(path_type=Path))
@click.argument("pyramid", type=click.Path(path_type=Path))
@click.argument("split", type=click.Path(path_type=Path))
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(
    name: str, crops: Path, parsing: Path, pyramid: Path, split: Path, model: Path, metrics: Path
) -> None:
    """Train NAME on the faces of SPLIT into the folder MODEL; the scores go to METRICS.

    MODEL's record also contains the crop settings, since photographs that are enlarged with it must
    be cropped in the same way.
    """
    made_from = entry("train", name, TrainInputs)
    if arguments := environment.torchrun():
        under_torchrun(arguments, "pipeline.train")
        return
    data = TrainingSet(crops, parsing, pyramid, split, made_from.inputs.scale)
    degrading = import_module(DEGRADATION).LIBRARIES if made_from.inputs.degrade else ()
    record = record_of(made_from, ("numpy", "torch", *degrading))
    with joined(environment.device()) as processes:
        inputs = [crops, parsing, pyramid, split]
        work = (
            scratch.workspace("train", name, inputs, record) if processes.first else nullcontext()
        )
        with work as folder, _explained(data, folder):
            outcome = train(name, made_from.inputs, data, folder, processes)
            if processes.first:
                crop = entry("crop", made_from.inputs.datasets[0], CropInputs).inputs.crop
                faces = {"faces": crop.model_dump(mode="json")}
                write_record(folder / "network" / MADE_BY, record | faces)
                scratch.publish(folder / "network", model / "network")
                scratch.publish(folder / "curves", model / "curves")
                scratch.write_json(model / "training.json", outcome)
                scratch.write_json(metrics, headline_of(outcome))
                click.echo(f"{model}: trained, best after epoch {outcome['best_epoch']}")


def headline_of(outcome: dict) -> dict:
    """The metrics for comparing experiments; models/ has all others."""
    validation = {"psnr": outcome["validation"]["psnr"]}
    return {key: outcome[key] for key in ("network", "parameters")} | {"validation": validation}


def train(
    name: str, run: TrainInputs, data: TrainingSet, work: Path | None, processes: Processes
) -> dict | None:
    """Train in the folder `work`, resuming from its contents; creates network/ and curves/.

    In processes other than the first, `work` and the result are None.
    """
    device = environment.device()
    execution = environment.execution(device, processes.size)
    environment.choose_kernels()
    faces, validation = data.faces("train", device), data.faces("validation", device)
    if run.degrade:
        degraded = import_module(DEGRADATION).DegradedFaces
        faces, validation = (
            degraded(all_of, run.degrade, run.train.seed) for all_of in (faces, validation)
        )
    torch.manual_seed(run.train.seed)
    name_of_network, side = run.model.network, next(faces.batches(1)).hr.shape[-1]
    network = build(name_of_network, run.model, run.scale).to(device)
    objective = objective_of(name_of_network, run.model, run.loss, run.scale, side, run.files())
    precision = precision_of(
        name,
        run,
        side,
        work,
        processes,
        lambda: step_seconds(network, objective, faces, run.train, processes, execution),
    )
    training = Training(
        network,
        objective,
        faces,
        validation,
        run.train.model_copy(update={"precision": precision}),
        work / CHECKPOINT if work else None,
        processes,
        execution,
    )
    if not processes.first:
        training.run(lambda faces: None, lambda row, network: None)
        return None
    if training.saved.warning:
        click.echo(training.saved.warning, err=True)
    for term in objective.left_out:
        click.echo(f"{name}: trained without {term}", err=True)
    journal = Journal(
        "train",
        name,
        device=device,
        processes=processes.size,
        threads=torch.get_num_threads(),
        execution=execution,
        precision=precision,
        data=type(faces).__name__,
    )
    curves = Curves(work / "live", work / "sheets", training.progress.history)
    reached = training.done
    if rate := journal.rate_before():
        click.echo(predicted_time(training.total - reached, rate), err=True)
    with TrainingBar(training, environment.scratch() / f"train-{name}.png") as bar:

        def on_row(row: dict, network: nn.Module) -> None:
            if row["epoch"] % run.train.progress_every == 0:
                sheet = draw(network, validation, run.train.progress_faces)
                curves.picture(row["epoch"], sheet)
                bar.picture(sheet)
            curves.add(row)
            bar.row(row)

        outcome = training.run(bar.step, on_row, log_shares)
    journal.note(training.done - reached)
    training.network.load_state_dict(outcome.best)
    training.network.save_pretrained(work / "network")
    curves.finish(work / "curves")
    return _summary(outcome, faces, training.network) | {
        "left_out": list(objective.left_out),
        "loss_weights": objective.all_weights,
        **({"precision": precision} if run.train.precision == "auto" else {}),
    }


def log_shares(shares: dict[str, float]) -> None:
    """Report each term's share of the loss, and warn of terms much larger than the pixel loss."""
    said = ", ".join(f"{name} {100 * share:.1f} %" for name, share in shares.items())
    click.echo(f"loss: {said}", err=True)
    pixel = abs(shares.get("pixel", 0.0))
    for name, share in shares.items():
        if pixel and abs(share) > DWARFS * pixel:
            click.echo(
                f"loss: {name} is {abs(share) / pixel:.1f} times the pixel loss and dominates this"
                " training; lower its weight unless that is what you want",
                err=True,
            )


@contextmanager
def _explained(data: TrainingSet, work: Path | None) -> Iterator[None]:
    """If a training diverges, add the faces concerned and what was saved to the message."""
    try:
        yield
    except TrainingDiverged as error:
        names = data.names("train")
        shown = [names[row] for row in error.rows[:NAMES_SHOWN]]
        more = f" and {len(error.rows) - NAMES_SHOWN} more" * (len(error.rows) > NAMES_SHOWN)
        said = f"{error}. The batch: {', '.join(shown)}{more}"
        if work and (work / CHECKPOINT).exists():
            said += f". {work / CHECKPOINT} keeps the last good state"
        raise TrainingDiverged(said, error.rows) from error


def draw(network: nn.Module, faces: Faces, count: int):
    """The first faces as (H, W, 3) uint8: LR, estimated parsing map (if any), SR and HR."""
    batch = next(faces.batches(count))
    sr, parsing = upscale(network, batch.lr)
    maps = [] if parsing is None else [parsing.mean(dim=1)]
    rows = [batch.lr, *maps, sr, batch.hr]
    return progress_sheet([to_bytes(row) for row in rows])


def _summary(outcome: Progress, faces: Faces, network: Network) -> dict:
    best = next(row for row in outcome.history if row["epoch"] == outcome.best_epoch)
    scores = {key.split("/")[1]: value for key, value in best.items() if key.startswith("val")}
    return {
        "network": network.kind(),
        "epochs": outcome.epoch,
        "best_epoch": outcome.best_epoch,
        "train_faces": len(faces),
        "parameters": sum(weights.numel() for weights in network.parameters()),
        "validation": scores,
    }


if __name__ == "__main__":
    main()
