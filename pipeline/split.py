"""Stage `split`: which faces of a data set train, validate and test."""

import json
from pathlib import Path

import click
import numpy as np

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.settings import schema
from pipeline.settings.inputs import SplitInputs
from pipeline.settings.resolved import entry
from wnet.data import splits
from wnet.data.shards import Shards
from wnet.photographs import annotations


@stage_command
@click.argument("name")
@click.argument("raw", type=click.Path(path_type=Path))
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(name: str, raw: Path, crops: Path, out: Path) -> None:
    """Divide the faces in CROPS by the rule of the split NAME; list files are looked up in RAW."""
    rule = entry("split", name, SplitInputs).inputs.rule
    division, absent = divide(Shards(crops).names.tolist(), rule, raw)
    try:
        splits.check_division(division)
    except ValueError as error:
        raise ValueError(f"splits.{name}: {error}") from error
    scratch.write_text(out, json.dumps({**division, "absent": absent}, indent=1) + "\n")
    counts = ", ".join(f"{len(division[subset])} {subset}" for subset in splits.SUBSETS)
    click.echo(f"{out}: {counts}" + (f"; {absent} listed faces are not there" if absent else ""))


def divide(names: list[str], rule: schema.Split, raw: Path) -> tuple[splits.Division, int]:
    """Carry out one rule; also returns how many listed faces are not among the names."""
    match rule:
        case schema.Fractions():
            groups = _identities(raw / rule.identities) if rule.identities else {}
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
