"""Stage `train`: one network for one scale, with its learning curves."""

import json
from pathlib import Path

import click
import torch

from pipeline import environment, params, schema, scratch
from pipeline.command import stage_command
from pipeline.curves import Curves
from pipeline.journal import Journal
from pipeline.parallel import progress
from wnet.data.faces_on_device import FacesOnDevice
from wnet.data.shards import Shards
from wnet.network.folder import save_network
from wnet.network.losses import WNetLoss
from wnet.network.wnet import WNet
from wnet.training import Progress, Schedule, Training


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
    everything = params.load()
    wanted = everything.trainings[name]
    run = everything.runs[wanted.run]
    made_by = {
        "stage": "train",
        "parameters": {"training": wanted.model_dump(), **run.model_dump()},
        "versions": scratch.versions("numpy", "torch"),
    }
    inputs = [crops, parsing, pyramid, split]
    with scratch.workspace("train", name, inputs, made_by, scratch.loaded_code()) as work:
        division = json.loads(split.read_text(encoding="utf-8"))
        for subset in ("train", "validation"):
            if not division[subset]:
                raise ValueError(f"{split}: no faces for {subset}, which training needs")
        folders = (crops, parsing, pyramid)
        faces, validation = (
            load_faces(division[subset], wanted.scale, *folders)
            for subset in ("train", "validation")
        )
        outcome = train(run, wanted.scale, faces, validation, work, made_by)
        scratch.publish(work / "network", model / "network")
        scratch.publish(work / "curves", model / "curves")
        scratch.write_text(metrics, json.dumps(outcome, indent=2) + "\n")
    click.echo(f"{model}: trained, best after epoch {outcome['best_epoch']}")


def load_faces(
    names: list[str], scale: int, crops: Path, parsing: Path, pyramid: Path
) -> FacesOnDevice:
    """The named faces from three folders of shards, paired by name, on the device."""
    hr = Shards(crops).take(names, "hr")["hr"]
    classes = Shards(parsing).take(names, "classes")["classes"]
    small = Shards(pyramid).take(names, f"lr_x{scale}", f"skin_x{scale}")
    lr, skin_lr = small[f"lr_x{scale}"], small[f"skin_x{scale}"]
    return FacesOnDevice(lr, hr, skin_lr, classes, environment.device())


def train(
    run: schema.Run,
    scale: int,
    faces: FacesOnDevice,
    validation: FacesOnDevice,
    work: Path,
    made_by: dict,
) -> dict:
    """Train in the folder `work`, going on from what lies there; leaves network/ and curves/."""
    device = environment.device()
    torch.manual_seed(run.train.seed)
    config = run.model.network(scale)
    training = Training(
        WNet(config).to(device),
        WNetLoss(run.loss.weights(), perceptual=None),
        faces,
        validation,
        Schedule(**run.train.model_dump()),
        work / "checkpoint.pt",
    )
    reached = training.done
    journal = Journal("train", work.name, device=device, threads=torch.get_num_threads())
    curves = Curves(work / "live", training.progress.history)
    with progress("train", training.total) as bar:
        bar.update(reached)

        def on_row(row: dict) -> None:
            curves.add(row)
            bar.set_postfix_str(f"validation PSNR {row['validation/psnr']:.2f} dB")

        outcome = training.run(bar.update, on_row)
    journal.note(training.done - reached)
    training.network.load_state_dict(outcome.best)
    save_network(work / "network", training.network, config, made_by)
    curves.finish(work / "curves")
    return _summary(outcome, faces, training.network)


def _summary(outcome: Progress, faces: FacesOnDevice, network: WNet) -> dict:
    best = next(row for row in outcome.history if row["epoch"] == outcome.best_epoch)
    scores = {key.split("/")[1]: value for key, value in best.items() if key.startswith("val")}
    return {
        "epochs": outcome.epoch,
        "best_epoch": outcome.best_epoch,
        "train_faces": len(faces),
        "parameters": sum(weights.numel() for weights in network.parameters()),
        "validation": scores,
    }


if __name__ == "__main__":
    main()
