"""Read params.yaml, lay recipes and runs over their stages' sections, and check the whole."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError
from ruamel.yaml import YAML, YAMLError

from pipeline.consistency import problems_of
from pipeline.required_weights import problems as missing_weights
from pipeline.schema import Params

FILE = Path("params.yaml")
RECIPE_SECTIONS = ("weights", "crop", "parse", "reference")
RUN_SECTIONS = ("model", "loss", "train")


class BadParameters(Exception):
    """What is wrong with params.yaml: a line for each key, with its value and what is allowed."""


def load(stage: str | None = None, path: Path = FILE) -> Params:
    """Read and check the whole file; raises BadParameters before any stage has touched data.

    For a stage with pretrained networks, that is also where weights are missing that it needs, or
    one after it: better now than after hours of work.
    """
    try:
        raw = YAML(typ="safe").load(path)  # DVC's own reader: 1e-4 is a number to both
        params = Params.model_validate(_resolved(raw))
    except FileNotFoundError as error:
        raise BadParameters(f"{path}: no such file; run from the project's root") from error
    except (YAMLError, TypeError) as error:
        raise BadParameters(f"{path}: {error}") from error
    except ValidationError as error:
        raise BadParameters("\n".join(_lines(path, error))) from error
    problems = problems_of(params) or (missing_weights(params, stage) if stage else [])
    if problems:
        raise BadParameters("\n".join(f"{path}: {problem}" for problem in problems))
    return params


def _resolved(raw: dict) -> dict:
    """Recipes and runs made whole: their keys over those of the stages' sections."""
    if not isinstance(raw, dict):
        raise TypeError("not a mapping of sections")
    whole = dict(raw)
    for group, sections in (("recipes", RECIPE_SECTIONS), ("runs", RUN_SECTIONS)):
        if isinstance(raw.get(group), dict):
            whole[group] = {name: _over(entry, raw, sections) for name, entry in raw[group].items()}
    return whole


def _over(entry, raw: dict, sections: tuple[str, ...]):
    if not isinstance(entry, dict):
        return entry
    merged = dict(entry)
    for section in sections:
        base, own = raw.get(section), entry.get(section)
        if not isinstance(base, dict) or not isinstance(own, dict):
            continue
        if own.get("network", base.get("network")) == base.get("network"):
            merged[section] = {**base, **own}  # another network's keys are all its own
    return merged


def _lines(path: Path, error: ValidationError) -> Iterator[str]:
    for item in error.errors(include_url=False):
        key = ".".join(str(part) for part in item["loc"])
        value = "" if item["type"] == "missing" else f" = {item['input']!r:.80}"
        yield f"{path}: {key}{value}: {item['msg']}"
