"""The record of how outputs were made (parameters, weights, library versions), in a file beside
them.

DVC hashes it separately, so that equal data have equal hashes however they were made.
"""

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from pipeline.harness.scratch import write_text
from pipeline.settings.resolved import Entry

MADE_BY = "made_by.json"  # in the folder of a network; beside other outputs, after their names
PRECISION = Path("metrics/precision")  # what trainings with `train.precision: auto` have taken


def record_of(entry: Entry, libraries: Iterable[str]) -> dict:
    """How an item was made: digest of its entry, parameters, weights (SHA-256) and library
    versions."""
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
    """Path of the record of an output."""
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
