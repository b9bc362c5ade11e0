"""Stage `crop`: photographs to faces with 68 landmarks, in shards, and a ledger of the rest."""

import csv
import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from pipeline.crop_block import Block, crop_block
from pipeline.harness import parallel, scratch
from pipeline.harness.command import stage_command
from pipeline.landmark_finder import LIBRARIES, detector_of, digests
from pipeline.settings import params, schema
from wnet.crops.extraction import REASONS
from wnet.data.shards import write_index
from wnet.photographs.annotations import BOXES, POINTS, read_annotation
from wnet.photographs.folder import find_photographs

LEDGER = "rejected.csv"
HEADLINE = ("found", "cropped")


@stage_command
@click.argument("dataset")
@click.argument("raw", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("details", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(dataset: str, raw: Path, out: Path, details: Path, metrics: Path) -> None:
    """Crop the photographs of a data set in RAW into shards in OUT.

    All counts go to DETAILS, how many were found and cropped to METRICS.
    """
    recipe = params.load("crop").recipes[dataset]
    made_by = {
        "stage": "crop",
        "parameters": recipe.crop.model_dump(),
        "weights": digests(recipe.crop, recipe.weights),
        "versions": scratch.versions(*LIBRARIES[recipe.crop.landmarks], "numpy", "pillow"),
    }
    with scratch.workspace("crop", dataset, [raw], made_by, scratch.loaded_code()) as work:
        counts = crop_photographs(raw, work / "out", recipe, made_by)
        scratch.publish(work / "out", out)
        scratch.write_json(details, counts)
        scratch.write_json(metrics, {key: counts[key] for key in HEADLINE})
    click.echo(f"{out}: {counts['cropped']} of {counts['found']} photographs cropped")


def crop_photographs(raw: Path, out: Path, recipe: schema.Recipe, made_by: dict) -> dict:
    """Fill `out` with shards and the ledger; returns the counts, which add up to the files found.

    Blocks that an earlier, killed call has finished are not computed again.
    """
    photographs = find_photographs(raw)
    out.mkdir(exist_ok=True)
    place = replace(photographs, names=())  # a block carries its own names alone
    boxes = photographs.annotated(read_annotation(raw, BOXES, 4))
    points = photographs.annotated(read_annotation(raw, POINTS, 10))
    blocks = [
        Block(
            place,
            names,
            {name: boxes[name] for name in names if name in boxes},
            {name: points[name] for name in names if name in points},
            recipe.crop,
            recipe.weights,
            out / f"{number:05}.h5",
            made_by,
        )
        for number, names in enumerate(
            parallel.in_blocks(photographs.names, recipe.crop.faces_per_shard)
        )
    ]
    lengths = [len(block.names) for block in blocks]
    done = parallel.map_blocks(
        crop_block, blocks, lengths, "crop", network=recipe.crop.landmarks == "fan"
    )
    rejected = [row for outcome in done for row in outcome["rejected"]]
    cropped = sum(outcome["cropped"] for outcome in done)
    if cropped + len(rejected) != len(photographs.names):
        raise RuntimeError(f"{raw}: {cropped} + {len(rejected)} != {len(photographs.names)}")
    if cropped == 0:
        raise ValueError(f"{raw}: none of {len(rejected)} photographs could be cropped")
    scratch.write_text(out / LEDGER, _ledger(rejected))
    write_index(out)
    reasons = Counter(row["reason"] for row in rejected)
    return {
        "landmarks": recipe.crop.landmarks,
        "detector": detector_of(recipe.crop),
        "weights": digests(recipe.crop, recipe.weights),
        "found": len(photographs.names),
        "cropped": cropped,
        "without_landmarks": sum(outcome["without_landmarks"] for outcome in done),
        "several_faces": sum(outcome["several_faces"] for outcome in done),
        "rejected": {reason.replace(" ", "_"): reasons[reason] for reason in REASONS},
        "other_files": photographs.others,
    }


def _ledger(rows: list[dict]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, ("name", "reason", "detail"), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


if __name__ == "__main__":
    main()
