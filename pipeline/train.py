"""Stage `train`: one network for one scale, with its learning curves."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click
import torch
from torch import nn

from pipeline.curves import Curves
from pipeline.harness import environment, scratch
from pipeline.harness.command import stage_command
from pipeline.harness.journal import Journal
from pipeline.harness.launch import under_torchrun
from pipeline.harness.parallel import progress
from pipeline.settings import params, schema
from pipeline.training_set import TrainingSet
from wnet.data.batches import Faces
from wnet.data.shards import Shards
from wnet.data.shards import made_by as record_of
from wnet.figures.progress import progress_sheet
from wnet.files.weights import verified
from wnet.networks.network import Network, upscale
from wnet.networks.networks import build
from wnet.training.loop import Progress, Schedule, Training, TrainingDiverged
from wnet.training.losses import WNetLoss
from wnet.training.processes import Processes, joined
from wnet.training.vgg import VGG19Features

CHECKPOINT = "checkpoint.pt"
NAMES_SHOWN = 32


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
    """Train NAME on the faces of SPLIT into the folder MODEL; the outcome goes to METRICS."""
    everything = params.load("train")
    if arguments := environment.torchrun():
        under_torchrun(arguments, "pipeline.train")
        return
    wanted = everything.trainings[name]
    run, vgg19 = everything.runs[wanted.run], everything.weights.vgg19
    data = TrainingSet(crops, parsing, pyramid, split, wanted.scale)
    made_by = {
        "stage": "train",
        "parameters": {"training": wanted.model_dump(), **run.model_dump()},
        "weights": {"vgg19": vgg19.sha256} if run.loss.perceptual > 0 else {},
        "versions": scratch.versions("numpy", "torch"),
        "crop": record_of(Shards(crops).paths[0]),
    }
    with joined(environment.device()) as processes:
        inputs = [crops, parsing, pyramid, split]
        work = (
            scratch.workspace("train", name, inputs, made_by, scratch.loaded_code())
            if processes.first
            else nullcontext()
        )
        with work as folder, _explained(data, folder):
            outcome = train(name, run, wanted.scale, data, vgg19, folder, made_by, processes)
            if processes.first:
                scratch.publish(folder / "network", model / "network")
                scratch.publish(folder / "curves", model / "curves")
                scratch.write_text(metrics, json.dumps(outcome, indent=2) + "\n")
                click.echo(f"{model}: trained, best after epoch {outcome['best_epoch']}")


def train(
    name: str,
    run: schema.Run,
    scale: int,
    data: TrainingSet,
    vgg19: schema.Checkpoint,
    work: Path | None,
    made_by: dict,
    processes: Processes,
) -> dict | None:
    """Train in the folder `work`, going on from what lies there; leaves network/ and curves/.

    In processes but the first, `work` and the outcome are None.
    """
    device = environment.device()
    environment.choose_kernels()
    faces, validation = data.faces("train", device), data.faces("validation", device)
    torch.manual_seed(run.train.seed)
    perceptual = None
    if run.loss.perceptual > 0:
        perceptual = VGG19Features().load(verified(vgg19.weights_file())).to(device)
    training = Training(
        build(run.model.architecture(scale)).to(device),
        WNetLoss(run.loss.weights(), perceptual),
        faces,
        validation,
        Schedule(**run.train.learning()),
        work / CHECKPOINT if work else None,
        processes,
        environment.execution(),
    )
    if not processes.first:
        training.run(lambda faces: None, lambda row, network: None)
        return None
    if training.saved.warning:
        click.echo(training.saved.warning, err=True)
    journal = Journal(
        "train",
        name,
        device=device,
        processes=processes.size,
        threads=torch.get_num_threads(),
        execution=environment.execution(),
        data=type(faces).__name__,
    )
    curves = Curves(work / "live", work / "sheets", training.progress.history)
    reached = training.done
    with progress("train", training.total) as bar:
        bar.update(reached)

        def on_row(row: dict, network: nn.Module) -> None:
            if row["epoch"] % run.train.progress_every == 0:
                curves.picture(row["epoch"], draw(network, validation, run.train.progress_faces))
            curves.add(row)
            bar.set_postfix_str(f"validation PSNR {row['validation/psnr']:.2f} dB")

        outcome = training.run(bar.update, on_row)
    journal.note(training.done - reached)
    training.network.load_state_dict(outcome.best)
    training.network.save_pretrained(work / "network", made_by)
    curves.finish(work / "curves")
    return _summary(outcome, faces, training.network)


@contextmanager
def _explained(data: TrainingSet, work: Path | None) -> Iterator[None]:
    """A training that diverges also says in which faces, and what is left of it."""
    try:
        yield
    except TrainingDiverged as error:
        names = data.names("train")
        shown = [names[row] for row in error.rows[:NAMES_SHOWN]]
        more = f" and {len(error.rows) - NAMES_SHOWN} more" * (len(error.rows) > NAMES_SHOWN)
        said = f"{error}. The batch: {', '.join(shown)}{more}"
        if work and (work / CHECKPOINT).exists():
            said += f". {work / CHECKPOINT} keeps the last state that was good"
        raise TrainingDiverged(said, error.rows) from error


def draw(network: nn.Module, faces: Faces, count: int):
    """The first faces as (H, W, 3) uint8: LR, estimated parsing map (if any), SR and HR."""
    batch = next(faces.batches(count))
    sr, parsing = upscale(network, batch.lr)
    maps = [] if parsing is None else [parsing.mean(dim=1)]
    rows = [batch.lr, *maps, sr, batch.hr]
    pictures = [(row * 255).round().byte().cpu().numpy() for row in rows]
    return progress_sheet(
        [picture.transpose(0, 2, 3, 1) if picture.ndim == 4 else picture for picture in pictures]
    )


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
