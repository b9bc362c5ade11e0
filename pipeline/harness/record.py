"""The record of a stage's work: parameters, weights and library versions, beside what it made.

DVC hashes it apart from the data, so that equal data have equal hashes whatever made them.
"""

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from pipeline.harness.scratch import write_text
from pipeline.settings.resolved import Entry

MADE_BY = "made_by.json"  # in the folder of a network; beside other outputs, after their names


def record_of(entry: Entry, libraries: Iterable[str]) -> dict:
    """What made an item: its entry's digest, parameters, weights (SHA-256) and versions."""
    parameters = entry.inputs.model_dump(mode="json")
    weights = parameters.pop("weights")
    return {
        "stage": entry.stage,
        "name": entry.name,
        "digest": entry.digest,
        "parameters": parameters,
        "weights": {role: file["sha256"] for role, file in weights.items()},
        "versions": {name: version(name) for name in sorted(set(libraries))},
    }


def made_by(output: Path) -> Path:
    """Where the record of an output is: beside it."""
    return output.with_name(f"{output.stem}.{MADE_BY}")


def write_record(path: Path, record: dict) -> None:
    """Write a record as readable JSON."""
    write_text(path, json.dumps(record, indent=2) + "\n")


def read_record(path: Path) -> dict:
    """A record as `write_record` wrote it; raises ValueError naming the file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not a record; delete it and run `dvc repro`") from error
