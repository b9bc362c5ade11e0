"""Splitting a dataset by a rule and its lists."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.settings import split_rules
from wnet.data import near_copies, splits
from wnet.photographs import annotations
from wnet.photographs.folder import Photographs
from wnet.photographs.keys import photograph_of
from wnet.photographs.names import Match


@dataclass(frozen=True)
class Divided:
    """The subset of each face, and the lists of the rule, by their purpose."""

    subsets: splits.Division
    matches: Mapping[str, Match] = field(default_factory=dict)


def divide(
    faces: Sequence[str],
    rule: split_rules.Split,
    photographs: Callable[[], Photographs],
    pairs: Callable[[], Iterable[tuple[str, str]]],
) -> Divided:
    """Divide faces by a rule, whose lists are matched with all photographs, cropped or not.

    photographs is called only if there are lists, and pairs (of near copies) only if near copies
    must be kept together. Raises ValueError or FileNotFoundError.
    """
    of = {face: photograph_of(face) for face in faces}  # all faces of a photograph stay together
    match rule:
        case split_rules.Fractions():
            matches = _identities(photographs(), rule.identities) if rule.identities else {}
            people = {
                name: _person(row.values[0])
                for found in matches.values()
                for name, row in found.rows.items()
            }
            people = {face: people.get(name, name) for face, name in of.items()}
            if rule.near_copies == "together":
                people = near_copies.joined(people, pairs())
            shares = rule.validation, rule.test
            return Divided(splits.by_fractions(faces, rule.seed, *shares, people), matches)
        case split_rules.Last():
            division = splits.by_last(faces, rule.train, rule.validation, rule.test)
            return Divided(splits.undivided(division, of))
        case split_rules.First():
            before = rule.validation_before_last
            division = splits.by_first(faces, rule.train, rule.test, rule.validation, before)
            return Divided(splits.undivided(division, of))
        case split_rules.Lists():
            matches = _lists(photographs(), rule)
            rows = {subset: found.rows for subset, found in matches.items()}
            return Divided(splits.by_lists(of, rows), matches)
        case split_rules.Partition():
            return _partition(of, photographs())
        case split_rules.All():
            return Divided(splits.by_lists(of, {"test": of.values()}))


def _identities(photographs: Photographs, path: str) -> dict[str, Match]:
    file = annotations.named(photographs, path)
    return {"identities": annotations.read_words(photographs, file, 1)}


def _person(label: str) -> str:
    """Normalise the label of a person; at worst, two persons end up in the same subset."""
    return " ".join(unicodedata.normalize("NFC", label).casefold().split())


def _lists(photographs: Photographs, rule: split_rules.Lists) -> dict[str, Match]:
    files = {subset: getattr(rule, subset) for subset in splits.SUBSETS}
    return {
        subset: annotations.read_words(photographs, annotations.named(photographs, path), 0)
        for subset, path in files.items()
        if path
    }


def _partition(of: Mapping[str, str], photographs: Photographs) -> Divided:
    file = annotations.official(photographs, annotations.PARTITION)
    if file is None:
        raise FileNotFoundError(
            f"{photographs.folder}: no {annotations.PARTITION}.txt or .csv there, which the split"
            " `partition` needs"
        )
    found = annotations.read_numbers(photographs, file, 1)
    lists: dict[str, list[str]] = {subset: [] for subset in splits.SUBSETS}
    for name, row in found.rows.items():
        place = float(row.values[0])
        if place not in (0, 1, 2):
            raise ValueError(
                f"{found.listed.where}:{row.line}: {row.values[0]!r} of {row.name!r} is none of 0"
                " (train), 1 (validation) and 2 (test)"
            )
        lists[splits.SUBSETS[int(place)]].append(name)
    return Divided(splits.by_lists(of, lists), {"partition": found})
