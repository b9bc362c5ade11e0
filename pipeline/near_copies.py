"""Near copies among the faces of shards, and the table beside a split that lists them."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from pipeline.harness import scratch
from wnet.counted import counted
from wnet.data.near_copies import difference_hashes
from wnet.data.shards import Shards, read_shard

Pair = tuple[str, str, str, str, int]
"""A name and its subset, another name and its subset, and the number of different signs."""
LEFT_OUT = "left out"
"""Replaces the subset of a face that was removed from it."""


def hashes_of(shards: Shards) -> np.ndarray:
    """(N, 15) uint32: the difference hashes of all faces, in the order of `shards.names`."""
    return np.concatenate(
        [difference_hashes(read_shard(path, "hr")["hr"]) for path in shards.paths]
    )


def write_near_copies(split: Path, near: Sequence[Pair]) -> None:
    """Write the pairs in two sets of a split to a table beside it, and report their number."""
    out = split.with_name(f"{split.stem}.near_copies.csv")
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("name", "subset", "other", "other_subset", "signs_that_differ"))
    writer.writerows(near)
    scratch.write_text(out, file.getvalue())
    gone = sum(LEFT_OUT in pair for pair in near)
    for pairs, what in ((gone, "one of which was left out"), (len(near) - gone, "in two sets")):
        if pairs:
            click.echo(f"{out}: {counted(pairs, 'pair')} of near copies {what}", err=True)
