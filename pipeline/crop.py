"""Stage `crop`: photographs to faces with 68 landmarks, in shards, and a ledger of the rest."""

import csv
import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from pipeline.crop_block import Block, crop_block
from pipeline.crop_copies import copies_among, take_back
from pipeline.harness import parallel, scratch
from pipeline.harness.command import stage_command
from pipeline.harness.record import made_by, record_of, write_record
from pipeline.settings.inputs import CropInputs
from pipeline.settings.resolved import entry
from wnet.chosen import chosen
from wnet.counted import counted
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
    made_from = entry("crop", dataset, CropInputs)
    method = chosen("wnet.landmarks.methods", made_from.inputs.crop.landmarks)
    record = record_of(made_from, (*method.LIBRARIES, "numpy", "pillow"))
    with scratch.workspace("crop", dataset, [raw], record) as work:
        counts = crop_photographs(raw, work / "out", made_from.inputs)
        counts["weights"] = record["weights"]
        scratch.publish(work / "out", out)
        write_record(made_by(out), record)
        scratch.write_json(details, counts)
        scratch.write_json(metrics, {key: counts[key] for key in HEADLINE})
    click.echo(f"{out}: {counts['cropped']} of {counted(counts['found'], 'photograph')} cropped")


def crop_photographs(raw: Path, out: Path, made_from: CropInputs) -> dict:
    """Fill `out` with shards and the ledger; returns the counts, which add up to the files found.

    Blocks that an earlier, killed call has finished are not computed again.
    """
    settings, photographs = made_from.crop, find_photographs(raw)
    method = chosen("wnet.landmarks.methods", settings.landmarks)
    files = tuple(made_from.files().items())
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
            settings,
            files,
            out / f"{number:05}.h5",
        )
        for number, names in enumerate(
            parallel.in_blocks(photographs.names, settings.faces_per_shard)
        )
    ]
    lengths = [len(block.names) for block in blocks]
    done = parallel.map_blocks(crop_block, blocks, lengths, "crop", network=method.GPU)
    copies = copies_among(done)
    done = [take_back(block.shard, of, copies) for block, of in zip(blocks, done, strict=True)]
    rejected = [row for outcome in done for row in outcome["rejected"]]
    faces = [face for outcome in done for face in outcome["faces"].values()]
    cropped = len(faces)
    if cropped + len(rejected) != len(photographs.names):
        raise RuntimeError(f"{raw}: {cropped} + {len(rejected)} != {len(photographs.names)}")
    if cropped == 0:
        raise ValueError(f"{raw}: none of {len(rejected)} photographs could be cropped")
    scratch.write_text(out / LEDGER, _ledger(rejected))
    write_index(out)
    reasons = Counter(row["reason"] for row in rejected)
    return {
        "landmarks": settings.landmarks,
        "detector": method.detector(settings),
        "found": len(photographs.names),
        "cropped": cropped,
        "without_landmarks": sum(face["without_landmarks"] for face in faces),
        "several_faces": sum(face["several_faces"] for face in faces),
        "rejected": {reason.replace(" ", "_"): reasons[reason] for reason in REASONS},
        "other_files": photographs.others,
        "passed_over": photographs.passed_over,
    }


def _ledger(rows: list[dict]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, ("name", "reason", "detail"), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


if __name__ == "__main__":
    main()
