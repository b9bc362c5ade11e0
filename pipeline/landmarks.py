"""Stage `landmarks`: how far the landmarks move from the original to its reconstruction."""

import json
from pathlib import Path

import click
import numpy as np

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.landmark_finder import LIBRARIES, detector_of, digests, landmark_finder
from pipeline.settings import params
from pipeline.tables import METHODS, as_csv, mean
from wnet.data.shards import read_shard, write_shard
from wnet.landmarks.in_crops import CropLandmarks
from wnet.metrics.faces import LandmarkDistances, landmark_distances


@stage_command
@click.argument("dataset")
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("points", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(
    dataset: str, results: Path, reference: Path, points: Path, table: Path, metrics: Path
) -> None:
    """Compare landmarks in RESULTS with REFERENCE.

    The landmarks go to the shard POINTS, a row a face to TABLE, means to METRICS.
    """
    everything = params.load("landmarks")
    recipe = everything.recipes[dataset]
    settings = recipe.reference
    faces = read_shard(results, "name", *METHODS)
    known = read_shard(reference, "name", "box", "points")
    if list(faces["name"]) != list(known["name"]):
        raise ValueError(f"{results} and {reference} hold different faces; run `dvc repro`")
    finder = CropLandmarks(landmark_finder(settings, recipe.weights), settings.enlarge)
    columns: dict[str, np.ndarray] = {}
    summary = {
        "method": settings.landmarks,
        "detector": detector_of(settings),
        "weights": digests(settings, recipe.weights),
        "faces": len(faces["name"]),
        "excluded": int(np.isnan(known["box"]).any(axis=1).sum()),
    }
    found = {method: finder.points(faces[method], known["box"]) for method in METHODS}
    for method in METHODS:
        images, failure = faces[method], everything.landmarks.failure
        distances = landmark_distances(found[method], known["points"], failure)
        missed = np.isnan(finder.boxes(images)).any(axis=1)
        columns |= _columns(method, distances, missed)
        summary[method] = summarize(distances, missed, known["box"])
    made_by = {
        "stage": "landmarks",
        "parameters": settings.model_dump(),
        "weights": summary["weights"],
        "versions": scratch.versions(*LIBRARIES[settings.landmarks], "numpy"),
    }
    write_shard(points, {"name": faces["name"], **found}, made_by)
    scratch.write_text(table, as_csv(faces["name"], columns))
    scratch.write_text(metrics, json.dumps(summary, indent=2) + "\n")
    click.echo(f"{metrics}: {summary['faces'] - summary['excluded']} faces compared")


def summarize(distances: LandmarkDistances, missed: np.ndarray, boxes: np.ndarray) -> dict:
    """Means over the faces that the detector found in the original, and the counts of failures.

    The original's box serves both images, so that a miss on the reconstruction does not hide it.
    """
    found = ~np.isnan(boxes).any(axis=1)
    return {
        "euclidean": mean(distances.euclidean[found]),
        "mean_px": mean(distances.mean[found]),
        "nme": mean(distances.nme[found]),
        "failures": int(distances.failed[found].sum()),
        "missed": int(missed[found].sum()),
    }


def _columns(method: str, distances: LandmarkDistances, missed: np.ndarray) -> dict:
    return {
        f"{method}_euclidean": distances.euclidean,
        f"{method}_mean_px": distances.mean,
        f"{method}_nme": distances.nme,
        f"{method}_failed": distances.failed,
        f"{method}_missed": missed,
    }


if __name__ == "__main__":
    main()
