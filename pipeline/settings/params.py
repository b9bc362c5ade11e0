"""Reading of params.yaml: recipes and runs are merged with sections, and all is validated."""

import re
import reprlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.error import MarkedYAMLError

from pipeline.settings import layers
from pipeline.settings.consistency import problems_of
from pipeline.settings.names import IN_WORDS
from pipeline.settings.resolution import MissingRole, items
from pipeline.settings.schema import Params, keys_at
from pipeline.settings.spelling import meant

FILE = Path("params.yaml")


class BadParameters(Exception):
    """Errors in params.yaml: a line for each key, with its value and what is allowed."""


def load(path: Path = FILE) -> Params:
    """Read and check the whole file; raises BadParameters."""
    return checked(_content(path), path)


def checked(content: object, path: Path = FILE) -> Params:
    """Validate the content, with recipes and runs merged with sections; raises BadParameters."""
    if not isinstance(content, dict):
        raise _bad(path, ["not a mapping of sections"])
    whole, lost = layers.whole(content)
    try:
        params = Params.model_validate(whole)
    except ValidationError as error:
        raise _bad(path, _lines(whole, error)) from error
    asked = {run for item in params.trainings.values() for run in (item.run, item.equal_to)}
    if problems := [line for run, line in lost.items() if run in asked] or problems_of(params):
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


def _lines(whole: dict, error: ValidationError) -> Iterator[str]:
    items = error.errors(include_url=False)
    places = {item["loc"] for item in items}
    for item in items:
        location, found, near = item["loc"], item["input"], ""
        said = item["msg"].removeprefix("Value error, ")
        if item["type"] == "string_pattern_mismatch":
            said = IN_WORDS.get(item["ctx"]["pattern"], said)
        if location[0] in ("recipes", "runs") and location[2:] in places:
            continue  # inherited from a section, where the error is reported
        base = whole["runs"][location[1]].get("based_on") if _in_run(whole, location) else None
        if base is not None and ("runs", base, *location[2:]) in places:
            continue  # likewise from the run that it is based on
        if item["type"].startswith("union_tag"):  # the key that decides which keys there are
            if location[-1] == "loss":  # of an unknown network, which is reported for `model`
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
        whole_entry = item["type"] == "value_error" and isinstance(found, dict)
        value = "" if item["type"] == "missing" or whole_entry else f" = {reprlib.repr(found):.80}"
        yield f"{'.'.join(_key(whole, location))}{value}: {' '.join(said.split()):.200}{near}"


def _in_run(whole: dict, location: tuple) -> bool:
    return location[0] == "runs" and len(location) > 2 and isinstance(whole["runs"], dict)


def _key(whole: dict, location: tuple) -> Iterator[str]:
    """The keys of a pydantic error's location, without the names of union members that pydantic
    adds to it."""
    node = whole
    for place, part in enumerate(location, 1):
        known = isinstance(node, dict) and part in node
        if known or isinstance(node, list) or (isinstance(node, dict) and place == len(location)):
            yield str(part)
            there = known or (isinstance(node, list) and part < len(node))
            node = node[part] if there else None
