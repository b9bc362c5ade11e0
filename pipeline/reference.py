"""Stage `reference`: landmarks and identity of the high-resolution test faces, computed once."""

from pathlib import Path

import click
import numpy as np

from pipeline.harness import environment, scratch
from pipeline.harness.command import stage_command
from pipeline.harness.record import made_by, record_of, write_record
from pipeline.settings.inputs import ReferenceInputs
from pipeline.settings.resolved import entry
from wnet.chosen import chosen
from wnet.counted import counted
from wnet.data.shards import Shards, write_shard
from wnet.data.splits import read_split
from wnet.landmarks.finder import load_finder, parts
from wnet.landmarks.in_crops import CropLandmarks


@stage_command
@click.argument("name")
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("split", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(name: str, crops: Path, split: Path, out: Path) -> None:
    """Write landmarks and identity of the test faces of SPLIT in CROPS to the shard OUT."""
    made_from = entry("reference", name, ReferenceInputs)
    settings = made_from.inputs.reference
    identity = chosen("wnet.identity.networks", settings.identity)
    names = read_split(split)["test"]
    method, detector = parts(settings)
    libraries = (*method.LIBRARIES, *detector.LIBRARIES, *identity.LIBRARIES, "numpy")
    write_record(made_by(out), record_of(made_from, libraries))
    if not names:  # a split without a test set has no evaluations
        scratch.write_text(out, "")
        click.echo(f"{out}: empty, since {split} has no test faces")
        return
    columns = describe(Shards(crops).take(names, "hr")["hr"], made_from.inputs)
    write_shard(out, {"name": np.array(names), **columns})
    missed = int(np.isnan(columns["box"]).any(axis=1).sum())
    click.echo(f"{out}: {counted(len(names), 'face')}, {missed} of them not found by the detector")


def describe(hr: np.ndarray, made_from: ReferenceInputs) -> dict[str, np.ndarray]:
    """Box (N, 4), points (N, 68, 2) in pixels, embedding (N, D); NaN if no face is found."""
    settings, files = made_from.reference, made_from.files()
    network = chosen("wnet.identity.networks", settings.identity)
    finder = CropLandmarks(load_finder(settings, files, environment.device), settings.enlarge)
    boxes = finder.boxes(hr)
    points = finder.points(hr, boxes)
    embedding = network.load(files, environment.device).embed(hr, points)
    return {"box": boxes, "points": points, "embedding": embedding}


if __name__ == "__main__":
    main()
