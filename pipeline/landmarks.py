"""Stage `landmarks`: how far the landmarks move from the original to its reconstruction."""

from pathlib import Path

import click
import numpy as np

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.landmark_finder import LIBRARIES, detector_of, digests, landmark_finder
from pipeline.scoring import as_tree, headline_of, means_of, rows_of, scored
from pipeline.settings import params
from pipeline.tables import METHODS
from wnet.data.shards import read_shard, write_shard
from wnet.landmarks.in_crops import CropLandmarks
from wnet.metrics.scores import Points


@stage_command
@click.argument("name")
@click.argument("dataset")
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("points", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("details", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(
    name: str,
    dataset: str,
    results: Path,
    reference: Path,
    points: Path,
    table: Path,
    details: Path,
    metrics: Path,
) -> None:
    """Compare landmarks in RESULTS, of the evaluation NAME, with REFERENCE.

    The landmarks go to the shard POINTS, a row a face to TABLE, all means to DETAILS, those that
    are compared first to METRICS. The original's box serves both images, so that a miss on the
    reconstruction does not hide it; faces without a box in the original are excluded from means.
    """
    everything = params.load("landmarks")
    recipe = everything.recipes[dataset]
    settings = recipe.reference
    faces = read_shard(results, "name", *METHODS)
    known = read_shard(reference, "name", "box", "points")
    if list(faces["name"]) != list(known["name"]):
        raise ValueError(f"{results} and {reference} hold different faces; run `dvc repro`")
    finder = CropLandmarks(landmark_finder(settings, recipe.weights), settings.enlarge)
    compared = {
        method: Points(
            sr=finder.points(faces[method], known["box"]),
            hr=known["points"],
            missed=np.isnan(finder.boxes(faces[method])).any(axis=1),
            failure=everything.landmarks.failure,
        )
        for method in METHODS
    }
    scores = scored("landmarks", compared, {})
    boxed = ~np.isnan(known["box"]).any(axis=1)
    means = means_of(scores, boxed)
    facts = {
        "method": settings.landmarks,
        "detector": detector_of(settings),
        "weights": digests(settings, recipe.weights),
        "faces": len(boxed),
        "excluded": int((~boxed).sum()),
    }
    made_by = {
        "stage": "landmarks",
        "parameters": settings.model_dump(),
        "weights": facts["weights"],
        "versions": scratch.versions(*LIBRARIES[settings.landmarks], "numpy"),
    }
    found = {method: compared[method].sr for method in METHODS}
    write_shard(points, {"name": faces["name"], **found}, made_by)
    scratch.write_text(table, rows_of(faces["name"], scores))
    scratch.write_json(details, facts | as_tree(means))
    scratch.write_json(metrics, {name: headline_of(means)})
    click.echo(f"{metrics}: {boxed.sum()} faces compared")


if __name__ == "__main__":
    main()
