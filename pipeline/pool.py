"""Stage `pool`: the faces of two datasets as one dataset, without copying their pixels."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.harness.record import record_of
from pipeline.near_copies import LEFT_OUT, Pair, hashes_of, write_near_copies
from pipeline.settings.inputs import PoolInputs
from pipeline.settings.resolved import entry
from wnet.counted import counted
from wnet.data import near_copies, splits
from wnet.data.shards import OF, Shards, write_index

PLACE = click.Path(path_type=Path)


@dataclass(frozen=True)
class Member:
    """A dataset or pool in a pool; `begin` is the prefix of its faces' names, empty for a pool."""

    begin: str
    crops: Shards
    parsing: Shards
    division: splits.Division

    @classmethod
    def read(cls, dataset: str, crops: Path, parsing: Path, split: Path) -> "Member":
        """Read the outputs of earlier stages; raises DamagedShard if they do not match."""
        faces, maps = Shards(crops), Shards(parsing)
        maps.check_made_from(faces)
        begin = "" if OF in faces.paths[0].name else f"{dataset}/"
        division = {
            subset: [begin + name for name in names]
            for subset, names in splits.read_split(split).items()
        }
        return cls(begin, faces, maps, division)

    @property
    def names(self) -> list[str]:
        """The names of its faces in the pool."""
        return [self.begin + name for name in self.crops.names]

    def share(self, crops: Path, parsing: Path) -> None:
        """Link its shards into the folders of the pool."""
        for shards, folder in ((self.crops, crops), (self.parsing, parsing)):
            for path in shards.paths:
                scratch.share(path, folder / (self.begin.replace("/", OF) + path.name))


@stage_command
@click.argument("name")
@click.argument("first", type=PLACE, nargs=3)
@click.argument("second", type=PLACE, nargs=3)
@click.argument("crops", type=PLACE)
@click.argument("parsing", type=PLACE)
@click.argument("out", type=PLACE)
@click.argument("metrics", type=PLACE)
def main(
    name: str,
    first: tuple[Path, ...],
    second: tuple[Path, ...],
    crops: Path,
    parsing: Path,
    out: Path,
    metrics: Path,
) -> None:
    """Make the pool NAME from the crops, the parsing maps and a split of each of two datasets.

    Their shards are linked into CROPS and PARSING, and the names of their faces get the dataset's
    name as a prefix. In the division OUT, each dataset keeps its own split; near copies across
    datasets that are in different sets are listed beside it. Counts go to METRICS.
    """
    made_from = entry("pool", name, PoolInputs)
    pool = made_from.inputs.pool
    inputs = [*first, *second]
    with scratch.workspace("pool", name, inputs, record_of(made_from, ("numpy",))) as work:
        members = [
            Member.read(one.dataset, *places)
            for one, places in zip(pool.of, (first, second), strict=True)
        ]
        link(members, work / "crops", work / "parsing")
        scratch.publish(work / "crops", crops)
        scratch.publish(work / "parsing", parsing)
    division = {s: [n for one in members for n in one.division[s]] for s in splits.SUBSETS}
    near = near_copies_between(members, division)
    if pool.near_copies == "left out":
        near = leave_out(division, near)
    try:
        splits.check_division(division, ("train", "validation"))
    except ValueError as error:
        raise ValueError(f"pools.{name}: {error}") from error
    write_near_copies(out, near)
    scratch.write_text(out, json.dumps(division, indent=1) + "\n")
    counts = {subset: len(names) for subset, names in division.items()}
    faces = sum(len(one.crops) for one in members)
    unused = faces - sum(counts.values())
    scratch.write_json(metrics, {**counts, "unused": unused, "near_copies": len(near)})
    said = ", ".join(f"{count} {subset}" for subset, count in counts.items())
    click.echo(f"{out}: {counted(faces, 'face')} of {len(members)} datasets; {said}")


def link(members: Sequence[Member], crops: Path, parsing: Path) -> None:
    """Empty the two folders, and link the shards of all members into them."""
    for folder in (crops, parsing):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    for one in members:
        one.share(crops, parsing)
    write_index(crops)
    write_index(parsing, Shards(crops))


def near_copies_between(members: Sequence[Member], division: splits.Division) -> list[Pair]:
    """Near copies from different members that are in two sets of the division."""
    names = [name for one in members for name in one.names]
    hashes = np.concatenate([hashes_of(one.crops) for one in members])
    subset_of = {name: subset for subset in splits.SUBSETS for name in division[subset]}
    found = near_copies.across(names, hashes, subset_of)
    second = set(members[1].names)
    return [pair for pair in found if (pair[0] in second) != (pair[2] in second)]


def leave_out(division: splits.Division, near: Sequence[Pair]) -> list[Pair]:
    """Remove the training faces of the pairs from the division; returns the pairs, marked."""
    out = {name for one in near for name, subset in (one[:2], one[2:4]) if subset == "train"}
    division["train"] = [name for name in division["train"] if name not in out]
    return [
        tuple(
            LEFT_OUT if part == "train" and place in (1, 3) else part
            for place, part in enumerate(one)
        )
        for one in near
    ]


if __name__ == "__main__":
    main()
