"""Merging of recipes and runs with the runs they are based on and the sections of stages."""

import reprlib
from collections.abc import Iterable

from pipeline.settings.spelling import meant

RECIPE_SECTIONS = ("weights", "crop", "parse", "reference")
RUN_SECTIONS = ("model", "loss", "train", "degrade")
NETWORK_SECTIONS = ("model", "loss")
"""The sections whose keys depend on the network; another network inherits none of them."""


def whole(raw: dict) -> tuple[dict, dict[str, str]]:
    """The content of params.yaml with recipes and runs merged with what they inherit from.

    Also returns a line for each run that cannot be merged, which is then left out: it is `based_on`
    something that is not a run, is based on the run itself, or has another network.
    """
    made, problems = dict(raw), {}
    if isinstance(raw.get("recipes"), dict):
        made["recipes"] = {
            name: _over(entry, raw, RECIPE_SECTIONS) for name, entry in raw["recipes"].items()
        }
    if isinstance(runs := raw.get("runs"), dict):
        problems = {name: line for name in runs if (line := _problem(name, runs))}
        made["runs"] = {
            name: _over(_based(entry, runs), raw, RUN_SECTIONS)
            for name, entry in runs.items()
            if name not in problems
        }
    return made, problems


def _problem(name: str, runs: dict) -> str | None:
    """Why a run cannot be merged with the run that it is based on, or None."""
    own, base, seen = _network(runs[name]), _base(runs[name]), {name}
    while base is not None:
        where = f"runs.{name}.based_on = {reprlib.repr(_base(runs[name])):.80}"
        if not isinstance(base, str) or base not in runs:
            lost = "is" if base == _base(runs[name]) else f"is based on {reprlib.repr(base):.80},"
            return f"{where}: {lost} not in runs{meant(str(base), runs)}"
        if base in seen:
            return f"{where}: is based on {name} itself"
        below = _network(runs[base])
        if own is not None and below not in (None, own):
            return f"{where}: is of the network {below}, and this of {own}"
        seen.add(base)
        base = _base(runs[base])
    return None


def _based(entry, runs: dict):
    """A run merged with the one that it is based on, which may itself be based on another."""
    base = _base(entry)
    if base is None:
        return entry
    below = _based(runs[base], runs)
    if not isinstance(below, dict):
        return entry
    return {**below, **_merged_with(entry, below, RUN_SECTIONS)}


def _over(entry, raw: dict, sections: tuple[str, ...]):
    entry = {} if entry is None else entry
    if not isinstance(entry, dict):
        return entry
    another = _network(entry) not in (None, _network(raw))
    own = NETWORK_SECTIONS if another else ()
    return _merged_with(entry, raw, [section for section in sections if section not in own])


def _merged_with(entry: dict, below: dict, sections: Iterable[str]) -> dict:
    """An entry merged with `below`: its keys override those of the same sections there."""
    merged = dict(entry)
    for section in sections:
        lower, own = below.get(section), entry.get(section)
        own = {} if own is None else own  # it has no keys of its own
        if isinstance(lower, dict) and isinstance(own, dict):
            merged[section] = {**lower, **own}
    return merged


def _base(entry) -> object:
    return entry.get("based_on") if isinstance(entry, dict) else None


def _network(entry) -> object:
    model = entry.get("model") if isinstance(entry, dict) else None
    return model.get("network") if isinstance(model, dict) else None
