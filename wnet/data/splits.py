"""Splits: train, validation and test sets as functions of names, and the file that stores them."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

SUBSETS = ("train", "validation", "test")
Division = dict[str, list[str]]


class Undividable(ValueError):
    """There are too few faces for the split."""


def by_fractions(
    names: Sequence[str], seed: int, validation: float, test: float, groups: Mapping[str, str]
) -> Division:
    """Split at random by fractions; the rest is the train set.

    groups: the group of each name; all faces of one group are in the same subset. A name without an
    entry is a group of its own.
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
    """The paper's training mode I: the last faces are the test set, those before them the
    validation set.

    Faces are counted; `undivided` keeps those of one photograph together.
    """
    _enough(names, train and 1, validation, test)
    ordered = sorted(names, key=natural)
    rest = len(ordered) - test
    return {
        "train": ordered[: min(train, rest - validation)],
        "validation": ordered[rest - validation : rest],
        "test": ordered[rest:],
    }


def by_first(
    names: Sequence[str], train: int, test: int, validation: int, validation_before_last: int
) -> Division:
    """The paper's training mode II: the first faces are the train set, the next the test set.

    The validation faces are those before the last `validation_before_last`, as in mode I.
    Sizes are in faces; `undivided` then keeps those of one photograph together.
    """
    _enough(names, train, test, validation + validation_before_last)
    ordered = sorted(names, key=natural)
    end = len(ordered) - validation_before_last
    return {
        "train": ordered[:train],
        "validation": ordered[end - validation : end],
        "test": ordered[train : train + test],
    }


def undivided(division: Division, groups: Mapping[str, str]) -> Division:
    """The division with every group in one subset: the last of the subsets that it was in.

    So no face of a held-out group is in the train set. A subset may grow by a few faces.
    """
    last = {groups[name]: subset for subset in SUBSETS for name in division[subset]}
    moved: Division = {subset: [] for subset in SUBSETS}
    for subset in SUBSETS:
        for name in division[subset]:
            moved[last[groups[name]]].append(name)
    return moved


def by_lists(groups: Mapping[str, str], lists: Mapping[str, Iterable[str]]) -> Division:
    """Split by lists of groups, such as photographs; `groups`: the group of each name."""
    listed = {subset: set(lists.get(subset, ())) for subset in SUBSETS}
    return {
        subset: sorted(name for name, group in groups.items() if group in listed[subset])
        for subset in SUBSETS
    }


def natural(name: str) -> tuple[list[str | int], str]:
    """Sort key for natural order: 2.jpg before 10.jpg."""
    parts = re.split(r"([0-9]+)", name)  # text and digits alternate
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name


def check_division(division: Division, needed: Collection[str]) -> None:
    """Raise ValueError if a face is in two subsets, Undividable if a needed subset is empty."""
    for one, other in combinations(SUBSETS, 2):
        if both := set(division[one]).intersection(division[other]):
            raise ValueError(f"{min(both)!r} is both in {one} and in {other}")
    for subset in SUBSETS:
        if subset in needed and not division[subset]:
            raise Undividable(
                f"the split leaves no face for {subset}, which params.yaml needs; change its"
                " numbers or lists"
            )


def read_split(path: Path) -> Division:
    """Read the division that the stage `split` wrote.

    Raises FileNotFoundError, or ValueError if the file holds no division; both name the file.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {subset: list(content[subset]) for subset in SUBSETS}
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: no train, validation and test lists; run `dvc repro`") from error


def _enough(names: Sequence[str], *counts: int) -> None:
    if sum(counts) > len(names):
        raise Undividable(
            f"the split needs at least {sum(counts)} faces, and there are {len(names)}; change"
            " its numbers in params.yaml"
        )
