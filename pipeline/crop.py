"""Stage `crop`: photographs to faces with 68 landmarks, in shards, and a ledger of the rest."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from pipeline import ledger
from pipeline.crop_block import Block, crop_block
from pipeline.crop_copies import copies_among, take_back
from pipeline.harness import foresight, parallel, scratch
from pipeline.harness.command import stage_command
from pipeline.harness.record import made_by, record_of, write_record
from pipeline.settings.inputs import CropInputs, SplitInputs
from pipeline.settings.resolved import entries, entry
from wnet.chosen import chosen
from wnet.counted import counted
from wnet.crops.extraction import REASONS
from wnet.data.shards import write_index
from wnet.photographs.annotations import read_annotation
from wnet.photographs.attributes import read_attributes
from wnet.photographs.folder import find_photographs

HEADLINE = ("found", "cropped", "lists")


@stage_command
@click.argument("dataset")
@click.argument("raw", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("details", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(dataset: str, raw: Path, out: Path, details: Path, metrics: Path) -> None:
    """Crop the photographs of a data set in RAW into shards in OUT.

    All counts go to DETAILS, how many were found and cropped and what lists matched to METRICS;
    rows and photographs without each other to a table beside OUT.
    """
    made_from = entry("crop", dataset, CropInputs)
    method = chosen("wnet.landmarks.methods", made_from.inputs.crop.landmarks)
    record = record_of(made_from, (*method.LIBRARIES, "numpy", "pillow"))
    with scratch.workspace("crop", dataset, [raw], record) as work:
        counts = crop_photographs(dataset, raw, work / "out", made_from.inputs)
        counts["weights"] = record["weights"]
        scratch.publish(work / "out", out)
        scratch.publish(ledger.unmatched_of(work / "out"), ledger.unmatched_of(out))
        write_record(made_by(out), record)
        scratch.write_json(details, counts)
        scratch.write_json(metrics, {key: counts[key] for key in HEADLINE})
    click.echo(f"{out}: {counts['cropped']} of {counted(counts['found'], 'photograph')} cropped")


def crop_photographs(dataset: str, raw: Path, out: Path, made_from: CropInputs) -> dict:
    """Fill `out` with shards and the ledger; returns the counts, which add up to the files found.

    Rows and photographs without each other go to a table beside `out`. Blocks that an earlier,
    killed call has finished are not computed again.
    """
    settings, photographs = made_from.crop, find_photographs(raw)
    official = read_annotation(photographs, settings.max_pixels)
    matches = dict(official.matches)
    if attributes := read_attributes(photographs).match:  # of the report, hours later
        matches["attributes"] = attributes
    splits = {item.name: item.inputs for item in entries("split", SplitInputs)}
    own = {name: split for name, split in splits.items() if split.dataset == dataset}
    for line in foresight.foresee(photographs, own, matches).warnings:
        click.echo(f"warning: {line}", err=True)
    method = chosen("wnet.landmarks.methods", settings.landmarks)
    files = tuple(made_from.files().items())
    out.mkdir(exist_ok=True)
    place = replace(photographs, names=(), others=())  # a block carries its own names alone
    blocks = [
        Block(
            place,
            names,
            {name: official.boxes[name] for name in names if name in official.boxes},
            {name: official.points[name] for name in names if name in official.points},
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
    ledger.write_rejected(out, rejected)
    ledger.write_unmatched(out, ledger.unmatched(matches, "in no row"))
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
        "other_files": len(photographs.others),
        "passed_over": photographs.passed_over,
        "lists": {what: found.counts() for what, found in matches.items()},
    }


if __name__ == "__main__":
    main()
