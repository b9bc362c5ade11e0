"""Stage `landmarks`: the distance between landmarks in the original and in the reconstruction."""

from pathlib import Path

import click
import numpy as np

from pipeline.harness import environment, scratch
from pipeline.harness.command import stage_command
from pipeline.scoring import as_tree, headline_of, means_of, rows_of, scored
from pipeline.settings.inputs import LandmarksInputs
from pipeline.settings.resolved import entry
from pipeline.tables import methods_of
from wnet.counted import counted
from wnet.data.shards import read_shard, write_shard
from wnet.landmarks.finder import load_finder, parts
from wnet.landmarks.in_crops import CropLandmarks
from wnet.metrics.scores import Points


@stage_command
@click.argument("name")
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("points", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("details", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(
    name: str,
    results: Path,
    reference: Path,
    points: Path,
    table: Path,
    details: Path,
    metrics: Path,
) -> None:
    """Compare landmarks in RESULTS, of the evaluation NAME, with REFERENCE.

    The landmarks go to the shard POINTS, the scores of each face to TABLE, all means to DETAILS,
    the main ones to METRICS. Landmarks in both images are predicted in the original's box, so that
    a face missed in the reconstruction still has scores; faces without a box in the original are
    excluded from means.
    """
    made_from = entry("landmarks", name, LandmarksInputs).inputs
    settings = made_from.reference
    method, _ = parts(settings)
    methods = methods_of(results)
    faces = read_shard(results, "name", *methods)
    known = read_shard(reference, "name", "box", "points")
    if list(faces["name"]) != list(known["name"]):
        raise ValueError(f"{results} and {reference} have different faces; run `dvc repro`")
    found_by = load_finder(settings, made_from.files(), environment.device)
    finder = CropLandmarks(found_by, settings.enlarge)
    compared = {
        made: Points(
            sr=finder.points(faces[made], known["box"]),
            hr=known["points"],
            missed=np.isnan(finder.boxes(faces[made])).any(axis=1),
            failure=made_from.landmarks.failure,
        )
        for made in methods
    }
    scores = scored("landmarks", compared, {})
    boxed = ~np.isnan(known["box"]).any(axis=1)
    means = means_of(scores, boxed)
    facts = {
        "method": settings.landmarks,
        "detector": settings.detector or method.DETECTOR,
        "weights": {role: file.sha256 for role, file in made_from.weights.items()},
        "faces": len(boxed),
        "excluded": int((~boxed).sum()),
    }
    found = {made: compared[made].sr for made in methods}
    write_shard(points, {"name": faces["name"], **found})
    scratch.write_text(table, rows_of(faces["name"], scores))
    scratch.write_json(details, facts | as_tree(means))
    scratch.write_json(metrics, {name: headline_of(means)})
    click.echo(f"{metrics}: {counted(boxed.sum(), 'face')} compared")


if __name__ == "__main__":
    main()
