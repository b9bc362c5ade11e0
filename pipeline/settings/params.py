"""Read params.yaml, lay recipes and runs over their stages' sections, and check the whole."""

import re
import reprlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.error import MarkedYAMLError

from pipeline.settings.consistency import problems_of
from pipeline.settings.resolution import MissingRole, items
from pipeline.settings.schema import Params, keys_at
from pipeline.settings.spelling import meant

FILE = Path("params.yaml")
RECIPE_SECTIONS = ("weights", "crop", "parse", "reference")
RUN_SECTIONS = ("model", "loss", "train", "degrade")
NETWORK_SECTIONS = ("model", "loss")
"""Of another network all keys are its own."""


class BadParameters(Exception):
    """What is wrong with params.yaml: a line for each key, with its value and what is allowed."""


def load(path: Path = FILE) -> Params:
    """Read and check the whole file; raises BadParameters."""
    return checked(_content(path), path)


def checked(content: object, path: Path = FILE) -> Params:
    """What the file holds, with recipes and runs laid over sections; raises BadParameters."""
    if not isinstance(content, dict):
        raise _bad(path, ["not a mapping of sections"])
    whole = _resolved(content)
    try:
        params = Params.model_validate(whole)
    except ValidationError as error:
        raise _bad(path, _lines(whole, error)) from error
    if problems := problems_of(params):
        raise _bad(path, problems)
    try:
        list(items(params))
    except MissingRole as error:
        raise _bad(path, [str(error)]) from error
    return params


def _bad(path: Path, problems: Iterable[str]) -> BadParameters:
    return BadParameters("\n".join(f"{path}: {problem}" for problem in dict.fromkeys(problems)))


def _content(path: Path) -> object:
    try:
        return YAML(typ="safe").load(path)  # DVC's own reader: 1e-4 is a number to both
    except FileNotFoundError as error:
        raise _bad(path, ["no such file; run from the root of a clone of the project"]) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise _bad(path, [f"line {line}: {error.problem or error.context}"]) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _bad(path, [" ".join(str(error).split())]) from error
    except OSError as error:
        raise _bad(path, [f"cannot be read: {error.strerror}"]) from error


def _resolved(raw: dict) -> dict:
    """Recipes and runs made whole: their keys over those of the stages' sections."""
    whole = dict(raw)
    for group, sections in (("recipes", RECIPE_SECTIONS), ("runs", RUN_SECTIONS)):
        if isinstance(raw.get(group), dict):
            whole[group] = {name: _over(entry, raw, sections) for name, entry in raw[group].items()}
    return whole


def _over(entry, raw: dict, sections: tuple[str, ...]):
    entry = {} if entry is None else entry
    if not isinstance(entry, dict):
        return entry
    merged = dict(entry)
    another = _network(entry) not in (None, _network(raw))
    for section in sections:
        base, own = raw.get(section), entry.get(section)
        own = {} if own is None else own  # nothing of its own: what the section says
        if not isinstance(base, dict) or not isinstance(own, dict):
            continue
        if not (another and section in NETWORK_SECTIONS):
            merged[section] = {**base, **own}
    return merged


def _network(entry: dict) -> object:
    model = entry.get("model")
    return model.get("network") if isinstance(model, dict) else None


def _lines(whole: dict, error: ValidationError) -> Iterator[str]:
    items = error.errors(include_url=False)
    places = {item["loc"] for item in items}
    for item in items:
        location, found, said, near = item["loc"], item["input"], item["msg"], ""
        if location[0] in ("recipes", "runs") and location[2:] in places:
            continue  # it is laid over a section, which is where this is wrong
        if item["type"].startswith("union_tag"):  # the key that decides which keys there are
            if location[-1] == "loss":  # of a network that is not there, which is said of `model`
                continue
            kind = item["ctx"]["discriminator"].strip("'")
            location, found = (*location, kind), found.get(kind) if found else found
            said = f"Input should be {item['ctx'].get('expected_tags', 'given')}"
        if item["type"] == "extra_forbidden":
            said, near = "no such key", meant(location[-1], keys_at(location[:-1]))
        elif item["type"] == "dict_type" and found is None:
            said = "is empty; write {} where there is nothing"
        elif isinstance(found, str):
            near = meant(found, re.findall(r"'([^']+)'", said))
        value = "" if item["type"] == "missing" else f" = {reprlib.repr(found):.80}"
        yield f"{'.'.join(_key(whole, location))}{value}: {' '.join(said.split()):.200}{near}"


def _key(whole: dict, location: tuple) -> Iterator[str]:
    """The keys in a location of pydantic's, which also names the kind that it took a part for."""
    node = whole
    for place, part in enumerate(location, 1):
        known = isinstance(node, dict) and part in node
        if known or isinstance(node, list) or (isinstance(node, dict) and place == len(location)):
            yield str(part)
            there = known or (isinstance(node, list) and part < len(node))
            node = node[part] if there else None
