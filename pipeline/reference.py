"""Stage `reference`: landmarks and identity of the high-resolution test faces, computed once."""

from pathlib import Path

import click
import numpy as np

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.identity_network import LIBRARIES as IDENTITY
from pipeline.identity_network import digest, identity_network
from pipeline.landmark_finder import LIBRARIES as LANDMARKS
from pipeline.landmark_finder import digests, landmark_finder
from pipeline.settings import params, schema
from wnet.data.shards import Shards, write_shard
from wnet.data.splits import read_split
from wnet.landmarks.in_crops import CropLandmarks


@stage_command
@click.argument("dataset")
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("split", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(dataset: str, crops: Path, split: Path, out: Path) -> None:
    """Find landmarks and identity of the test faces of SPLIT in CROPS; they go to the shard OUT."""
    recipe = params.load("reference").recipes[dataset]
    settings = recipe.reference
    names = read_split(split)["test"]
    columns = describe(Shards(crops).take(names, "hr")["hr"], recipe)
    made_by = {
        "stage": "reference",
        "parameters": settings.model_dump(),
        "weights": {**digests(settings, recipe.weights), **digest(settings, recipe.weights)},
        "versions": scratch.versions(
            *LANDMARKS[settings.landmarks], *IDENTITY[settings.identity], "numpy"
        ),
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    write_shard(out, {"name": np.array(names), **columns}, made_by)
    missed = int(np.isnan(columns["box"]).any(axis=1).sum())
    click.echo(f"{out}: {len(names)} faces, {missed} of them not found by the detector")


def describe(hr: np.ndarray, recipe: schema.Recipe) -> dict[str, np.ndarray]:
    """Box (N, 4), points (N, 68, 2) in pixels, embedding (N, D); NaN where no face is found."""
    settings, weights = recipe.reference, recipe.weights
    finder = CropLandmarks(landmark_finder(settings, weights), settings.enlarge)
    boxes = finder.boxes(hr)
    points = finder.points(hr, boxes)
    embedding = identity_network(settings, weights).embed(hr, points)
    return {"box": boxes, "points": points, "embedding": embedding}


if __name__ == "__main__":
    main()
