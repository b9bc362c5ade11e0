"""Stage `train`: one network for one scale, with its learning curves."""

import json
import shutil
from pathlib import Path

import click
import torch

from pipeline import environment, params, schema, scratch
from pipeline.command import stage_command
from pipeline.journal import Journal
from pipeline.parallel import progress
from wnet.data.faces_on_device import FacesOnDevice
from wnet.data.shards import Shards
from wnet.network.folder import save_network
from wnet.network.losses import WNetLoss
from wnet.network.wnet import WNet
from wnet.training import Progress, Schedule, Training

CURVES = "plots/metrics"  # where DVCLive keeps its series, below its folder


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
    if (threads := environment.threads()) is not None:
        torch.set_num_threads(threads)
    torch.manual_seed(run.train.seed)
    config = run.model.network(scale)
    network = WNet(config).to(environment.device())
    training = Training(
        network,
        WNetLoss(run.loss.weights(), perceptual=None),
        faces,
        validation,
        Schedule(**run.train.model_dump()),
        work / "checkpoint.pt",
    )
    journal = Journal(
        "train", work.name, device=environment.device(), threads=torch.get_num_threads()
    )
    trained = 0
    with (
        _curves(work / "live", training.progress) as live,
        progress("train", training.total) as bar,
    ):
        bar.update(training.done)

        def on_step(count: int) -> None:
            nonlocal trained
            trained += count
            bar.update(count)

        def on_row(row: dict) -> None:
            _log(live, row)
            bar.set_postfix_str(f"validation PSNR {row['validation/psnr']:.2f} dB")

        outcome = training.run(on_step, on_row)
    journal.note(trained)
    network.load_state_dict(outcome.best)
    save_network(work / "network", network, config, made_by)
    shutil.copytree(work / "live" / CURVES, work / "curves", dirs_exist_ok=True)
    return _summary(outcome, faces, network)


def _curves(folder: Path, reached: Progress):
    """DVCLive's series, written anew up to where the training stands."""
    from dvclive import Live

    shutil.rmtree(folder, ignore_errors=True)
    live = Live(str(folder), dvcyaml=None, report=None, save_dvc_exp=False, monitor_system=False)
    for row in reached.history:
        _log(live, row)
    return live


def _log(live, row: dict) -> None:
    live.step = int(row["epoch"])
    for name, value in row.items():
        if name != "epoch":
            live.log_metric(name, value)
    live.next_step()


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
