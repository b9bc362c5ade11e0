"""Which faces train, validate and test: functions of names, and the file that holds the answer."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np

SUBSETS = ("train", "validation", "test")
Division = dict[str, list[str]]


def by_fractions(
    names: Sequence[str], seed: int, validation: float, test: float, groups: Mapping[str, str]
) -> Division:
    """Divide at random by shares of the faces; what is left trains.

    groups: by name; faces of one group never stand in two subsets. A name that is not in it is a
    group of its own.
    """
    keys = [groups.get(name, name) for name in names]
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(set(keys)))
    shuffled = np.array(sorted(set(keys)), dtype=object)[order]
    counts = dict.fromkeys(shuffled, 0)
    for key in keys:
        counts[key] += 1
    reached = np.cumsum([counts[key] for key in shuffled])
    wanted_test, wanted = round(test * len(names)), round((test + validation) * len(names))
    place = np.where(reached <= wanted_test, 2, np.where(reached <= wanted, 1, 0))
    subset = dict(zip(shuffled, place.tolist(), strict=True))
    return {
        name: [n for n, key in zip(names, keys, strict=True) if subset[key] == number]
        for number, name in enumerate(SUBSETS)
    }


def by_last(names: Sequence[str], train: int, validation: int, test: int) -> Division:
    """The paper's training mode I: the last faces test, those before them validate."""
    _enough(names, train and 1, validation, test)
    ordered = sorted(names)
    rest = len(ordered) - test
    return {
        "train": ordered[: min(train, rest - validation)],
        "validation": ordered[rest - validation : rest],
        "test": ordered[rest:],
    }


def by_first(
    names: Sequence[str], train: int, test: int, validation: int, validation_before_last: int
) -> Division:
    """The paper's training mode II: the first faces train, the next test.

    Faces to validate are taken where mode I takes them: before the last `validation_before_last`.
    """
    _enough(names, train, test, validation + validation_before_last)
    ordered = sorted(names)
    end = len(ordered) - validation_before_last
    return {
        "train": ordered[:train],
        "validation": ordered[end - validation : end],
        "test": ordered[train : train + test],
    }


def by_lists(names: Sequence[str], lists: Mapping[str, Sequence[str]]) -> tuple[Division, int]:
    """Subsets by lists of names or of file names with or without suffix.

    Returns the division and how many entries of the lists are no face here (rejected by `crop`).
    """
    known: dict[str, str] = {}
    for name in names:
        path = PurePosixPath(name)
        for alias in (name, path.name, path.stem):
            if known.setdefault(alias, name) != name:
                known[alias] = ""  # two faces go by this alias: it tells nothing
    division: Division = {}
    absent = 0
    for subset in SUBSETS:
        found = [known.get(entry) for entry in lists.get(subset, ())]
        if "" in found:
            entry = lists[subset][found.index("")]
            raise ValueError(
                f"the list of {subset} holds {entry!r}, which several faces are called"
            )
        division[subset] = sorted(name for name in found if name)
        absent += found.count(None)
    return division, absent


def check_division(division: Division) -> None:
    """Raise ValueError where a face stands twice, or where nothing is left to test."""
    everything = [name for subset in SUBSETS for name in division[subset]]
    if len(set(everything)) != len(everything):
        twice = next(name for name in everything if everything.count(name) > 1)
        raise ValueError(f"the split uses {twice!r} twice")
    if not division["test"]:
        raise ValueError("the split leaves no face to test; change its numbers in params.yaml")


def read_split(path: Path) -> Division:
    """The division that stage `split` has written.

    Raises FileNotFoundError, or ValueError for a file that holds none; both name the file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {subset: list(content[subset]) for subset in SUBSETS}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: no lists of names to train, validate and test; run `dvc repro`"
        ) from error


def _enough(names: Sequence[str], *counts: int) -> None:
    if sum(counts) > len(names):
        raise ValueError(
            f"the split asks for {sum(counts)} faces at least, and there are {len(names)}; "
            "change its numbers in params.yaml"
        )
