"""Stage `split`: which faces of a data set train, validate and test."""

import csv
import io
import json
from pathlib import Path, PurePosixPath

import click
import numpy as np

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.settings import schema
from pipeline.settings.inputs import SplitInputs
from pipeline.settings.resolved import entry
from wnet.counted import counted
from wnet.data import near_copies, splits
from wnet.data.shards import Shards, read_shard
from wnet.photographs import annotations


@stage_command
@click.argument("name")
@click.argument("raw", type=click.Path(path_type=Path))
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(name: str, raw: Path, crops: Path, out: Path) -> None:
    """Divide the faces in CROPS by the rule of the split NAME; list files are looked up in RAW."""
    rule = entry("split", name, SplitInputs).inputs.rule
    shards = Shards(crops)
    names = shards.names.tolist()
    hashes = np.concatenate(
        [near_copies.difference_hashes(read_shard(path, "hr")["hr"]) for path in shards.paths]
    )
    division, absent = divide(names, hashes, rule, raw)
    try:
        splits.check_division(division)
    except ValueError as error:
        raise ValueError(f"splits.{name}: {error}") from error
    scratch.write_text(out, json.dumps({**division, "absent": absent}, indent=1) + "\n")
    subset_of = {name: subset for subset in splits.SUBSETS for name in division[subset]}
    near = near_copies.across(names, hashes, subset_of)
    scratch.write_text(near_copies_of(out), _table(near))
    counts = ", ".join(f"{len(division[subset])} {subset}" for subset in splits.SUBSETS)
    click.echo(f"{out}: {counts}" + (f"; {absent} listed faces are not there" if absent else ""))
    if near:
        click.echo(
            f"{near_copies_of(out)}: {counted(len(near), 'pair')} of near copies in two sets",
            err=True,
        )


def near_copies_of(split: Path) -> Path:
    """Where the near copies are listed that a split has in two sets: beside it."""
    return split.with_name(f"{split.stem}.near_copies.csv")


def divide(
    names: list[str], hashes: np.ndarray, rule: schema.Split, raw: Path
) -> tuple[splits.Division, int]:
    """Carry out one rule; also returns how many listed faces are not among the names."""
    match rule:
        case schema.Fractions():
            people = _identities(raw / rule.identities) if rule.identities else {}
            groups = {name: people.get(PurePosixPath(name).name, name) for name in names}
            if rule.near_copies == "together":
                pairs = near_copies.near_pairs(hashes, range(len(names)))
                groups = near_copies.joined(
                    groups, ((names[one], names[other]) for one, other, _ in pairs)
                )
            return splits.by_fractions(names, rule.seed, rule.validation, rule.test, groups), 0
        case schema.Last():
            return splits.by_last(names, rule.train, rule.validation, rule.test), 0
        case schema.First():
            before = rule.validation_before_last
            return splits.by_first(names, rule.train, rule.test, rule.validation, before), 0
        case schema.Lists():
            files = {subset: getattr(rule, subset) for subset in splits.SUBSETS}
            lists = {subset: _list(raw / file) for subset, file in files.items() if file}
            return splits.by_lists(names, lists)
        case schema.Partition():
            return splits.by_lists(names, _partition(raw))


def _table(near: list[tuple[str, str, str, str, int]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("name", "subset", "other", "other_subset", "signs_that_differ"))
    writer.writerows(near)
    return file.getvalue()


def _identities(path: Path) -> dict[str, str]:
    return dict(line.split() for line in _list(path))


def _list(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _partition(raw: Path) -> dict[str, list[str]]:
    rows = annotations.read_annotation(raw, annotations.PARTITION, 1)
    if not rows:
        raise FileNotFoundError(f"{raw / annotations.PARTITION}: the split `partition` needs it")
    places = {name: int(np.asarray(row)[0]) for name, row in rows.items()}
    return {
        subset: [name for name, place in places.items() if place == number]
        for number, subset in enumerate(splits.SUBSETS)
    }


if __name__ == "__main__":
    main()
