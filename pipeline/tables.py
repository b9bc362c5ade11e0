"""Scores of faces as text: a CSV with a row per face, and their rounded mean."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from wnet.data.shards import columns_of

DECIMALS = 6
METHODS = ("bicubic", "sr")  # the columns of images in a results shard


def methods_of(results: Path) -> tuple[str, ...]:
    """The methods in a results shard; the last is the evaluated one."""
    there = columns_of(results)
    return tuple(method for method in METHODS if method in there)


def as_csv(names: Sequence[str], columns: Mapping[str, np.ndarray]) -> str:
    """A CSV with a row per face; values that were not measured are empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["name", *columns])
    for row, name in enumerate(names):
        writer.writerow([name, *(_cell(column[row]) for column in columns.values())])
    return file.getvalue()


def mean(values: np.ndarray) -> float | None:
    """The rounded mean of the finite values; None if there are none."""
    finite = values[np.isfinite(values)]
    return round(float(finite.mean()), DECIMALS) if finite.size else None


def _cell(value) -> str | int | float:
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    return "" if np.isnan(value) else round(float(value), DECIMALS)
