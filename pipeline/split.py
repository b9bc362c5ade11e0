"""Stage `split`: the train, validation and test sets of a dataset."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click

from pipeline import ledger
from pipeline.division import Divided, divide
from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.near_copies import hashes_of, write_near_copies
from pipeline.settings.inputs import SplitInputs
from pipeline.settings.resolved import entry
from wnet.data import near_copies, splits
from wnet.data.shards import Shards
from wnet.photographs.folder import find_photographs
from wnet.photographs.keys import photograph_of


@stage_command
@click.argument("name")
@click.argument("raw", type=click.Path(path_type=Path))
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(name: str, raw: Path, crops: Path, out: Path, metrics: Path) -> None:
    """Divide the faces in CROPS by the rule of the split NAME; list files are looked up in RAW.

    The sizes of the sets and the matches of the lists go to METRICS; rows and photographs without
    a match go to a table beside OUT.
    """
    made_from = entry("split", name, SplitInputs).inputs
    shards = Shards(crops)
    faces = shards.names.tolist()
    hashes = hashes_of(shards)

    def pairs() -> Iterator[tuple[str, str]]:
        for one, other, _ in near_copies.near_pairs(hashes, range(len(faces))):
            yield faces[one], faces[other]

    try:
        divided = divide(faces, made_from.rule, partial(find_photographs, raw), pairs)
        splits.check_division(divided.subsets, made_from.needed)
    except ValueError as error:
        raise ValueError(f"splits.{name}: {error}{_missing(crops)}") from error
    rows = [
        *ledger.unmatched(divided.matches, "in no row"),
        *ledger.not_cropped(divided.matches, faces),
    ]
    absent = sum(row["line"] != "" for row in rows)
    counts = count(faces, divided)
    ledger.write_unmatched(out, rows)
    scratch.write_text(out, json.dumps({**divided.subsets, "absent": absent}, indent=1) + "\n")
    scratch.write_json(metrics, counts)
    subset_of = {name: subset for subset in splits.SUBSETS for name in divided.subsets[subset]}
    said = ", ".join(f"{counts[what]} {what}" for what in (*splits.SUBSETS, "unused"))
    click.echo(f"{out}: {said}" + (f"; {absent} listed faces do not exist" if absent else ""))
    write_near_copies(out, near_copies.across(faces, hashes, subset_of))


def count(faces: list[str], divided: Divided) -> dict:
    """The number of faces in each subset and in none, and for each list of rows and matches."""
    counts = {subset: len(names) for subset, names in divided.subsets.items()}
    lists = {
        what: found.counts() | {"faces": sum(photograph_of(face) in found.rows for face in faces)}
        for what, found in divided.matches.items()
    }
    return {**counts, "unused": len(faces) - sum(counts.values()), "lists": lists}


def _missing(crops: Path) -> str:
    """What to do if faces are missing because `crop` rejected them."""
    rejected = ledger.read_rejected(crops)
    if not rejected:
        return ""
    first = rejected[0]
    return (
        f". `crop` rejected {len(rejected)} photographs, {first['name']!r} first"
        f" ({first['reason']}); {crops / ledger.REJECTED} says why. Have them cropped by other keys"
        " of `crop`, or ask for so many faces fewer"
    )


if __name__ == "__main__":
    main()
