"""Stage `crop`: photographs to faces with 68 landmarks, in shards, and a list of rejected
photographs."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from pipeline import ledger
from pipeline.crop_block import Block, crop_block
from pipeline.crop_copies import find_copies, reject_copies
from pipeline.harness import early_checks, parallel, scratch
from pipeline.harness.command import stage_command
from pipeline.harness.record import made_by, record_of, write_record
from pipeline.settings.inputs import CropInputs, SplitInputs
from pipeline.settings.resolved import entries, entry
from wnet.counted import counted
from wnet.crops.extraction import REASONS
from wnet.data.shards import write_index
from wnet.landmarks.finder import parts
from wnet.photographs.annotations import read_annotation
from wnet.photographs.attributes import read_attributes
from wnet.photographs.folder import find_photographs
from wnet.photographs.keys import photograph_of

REMARKS = ("without_landmarks", "several_faces", "turned", "enlarged")
HEADLINE = ("cropped", "enlarged")


@stage_command
@click.argument("dataset")
@click.argument("raw", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("details", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(dataset: str, raw: Path, out: Path, details: Path, metrics: Path) -> None:
    """Crop the photographs of a dataset in RAW into shards in OUT.

    All counts go to DETAILS. METRICS has the number of cropped faces, of those that were enlarged
    (which are no ground truth), and of matched rows of the lists. Unmatched rows and photographs go
    to a table beside OUT.
    """
    made_from = entry("crop", dataset, CropInputs)
    method, detector = parts(made_from.inputs.crop)
    libraries = (*method.LIBRARIES, *detector.LIBRARIES, "numpy", "pillow")
    record = record_of(made_from, libraries)
    with scratch.workspace("crop", dataset, [raw], record) as work:
        counts = crop_photographs(dataset, raw, work / "out", made_from.inputs)
        counts["weights"] = record["weights"]
        scratch.publish(work / "out", out)
        scratch.publish(ledger.unmatched_of(work / "out"), ledger.unmatched_of(out))
        write_record(made_by(out), record)
        scratch.write_json(details, counts)
        scratch.write_json(metrics, headline_of(counts))
    click.echo(f"{out}: {counts['cropped']} of {counted(counts['found'], 'photograph')} cropped")


def headline_of(counts: dict) -> dict:
    """The counts by which experiments are compared."""
    lists = {
        what: f"{found['matched']} of {counted(found['rows'], 'row')}"
        for what, found in counts["lists"].items()
    }
    return {key: counts[key] for key in HEADLINE} | {"lists": lists}


def crop_photographs(dataset: str, raw: Path, out: Path, made_from: CropInputs) -> dict:
    """Fill `out` with shards and the list of rejections; returns counts that add up to the files
    found.

    Unmatched rows and photographs go to a table beside `out`. Blocks finished by an earlier, killed
    call are not computed again.
    """
    settings, photographs = made_from.crop, find_photographs(raw)
    official = read_annotation(photographs, settings.max_pixels)
    matches = dict(official.matches)
    if attributes := read_attributes(photographs).match:  # the report needs it hours later
        matches["attributes"] = attributes
    splits = {item.name: item.inputs for item in entries("split", SplitInputs)}
    own = {name: split for name, split in splits.items() if split.dataset == dataset}
    for line in early_checks.check_splits(photographs, own, matches).warnings:
        click.echo(f"warning: {line}", err=True)
    method, detector = parts(settings)
    files = tuple(made_from.files().items())
    out.mkdir(exist_ok=True)
    place = replace(photographs, names=(), others=())  # a block holds only its own names
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
    gpu = method.GPU or detector.GPU
    done = parallel.map_blocks(crop_block, blocks, lengths, "crop", network=gpu)
    copies = find_copies(done)
    done = [reject_copies(block.shard, of, copies) for block, of in zip(blocks, done, strict=True)]
    rejected = [row for outcome in done for row in outcome["rejected"]]
    faces = {key: face for outcome in done for key, face in outcome["faces"].items()}
    keys = [*faces, *(row["name"] for row in rejected)]
    further = sum(photograph_of(key) != key for key in keys)
    if len(keys) != len(photographs.names) + further:
        raise RuntimeError(f"{raw}: {len(keys)} != {len(photographs.names)} + {further}")
    if not faces:
        raise ValueError(f"{raw}: {_nothing_cropped(rejected)}")
    ledger.write_rejected(out, rejected)
    ledger.write_unmatched(out, ledger.unmatched(matches, "in no row"))
    write_index(out)
    reasons = Counter(row["reason"] for row in rejected)
    return {
        "landmarks": settings.landmarks,
        "detector": settings.detector or method.DETECTOR,
        "found": len(photographs.names),
        "cropped": len(faces),
        "further_faces": further,
        **{what: sum(face[what] for face in faces.values()) for what in REMARKS},
        "rejected": {reason.replace(" ", "_"): reasons[reason] for reason in REASONS},
        "other_files": len(photographs.others),
        "passed_over": photographs.passed_over,
        "lists": {what: found.counts() for what, found in matches.items()},
    }


def _nothing_cropped(rejected: list[dict]) -> str:
    reason, count = Counter(row["reason"] for row in rejected).most_common(1)[0]
    first = next(row for row in rejected if row["reason"] == reason)
    return (
        f"none of {len(rejected)} photographs could be cropped; {count} for {reason!r},"
        f" {first['name']} first: {first['detail']}"
    )


if __name__ == "__main__":
    main()
