"""resolved.json: the parameters and the code of every item of every stage, with a digest of both.

The stage `resolve` writes it; every other stage depends on the digest of its own entry, and reads
its parameters there.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from pipeline.settings.code import Code
from pipeline.settings.inputs import Inputs
from pipeline.settings.resolution import Item

FILE = Path("resolved.json")
Made = TypeVar("Made", bound=Inputs)


@dataclass(frozen=True)
class Entry(Generic[Made]):
    """The parameters of an item; `digest` covers them and the code that the item runs."""

    stage: str
    name: str
    digest: str
    inputs: Made


def resolve(items: Iterable[Item], code: Code) -> dict[str, dict[str, dict]]:
    """Entries by stage and name."""
    whole: dict[str, dict[str, dict]] = {}
    for item in items:
        parameters = item.inputs.model_dump(mode="json")
        modules = (f"pipeline.{item.stage}", *item.parts)
        said = json.dumps([parameters, code.digest(modules)], sort_keys=True)
        whole.setdefault(item.stage, {})[item.name] = {
            "digest": hashlib.sha256(said.encode()).hexdigest()[:16],
            "parameters": parameters,
            "code": code.closure(modules),
        }
    return whole


def entry(stage: str, name: str, inputs: type[Made], path: Path = FILE) -> Entry[Made]:
    """The entry of an item; raises ValueError or FileNotFoundError, which say what to do."""
    return _entry(_read(path), stage, name, inputs, path)


def entries(stage: str, inputs: type[Made], path: Path = FILE) -> list[Entry[Made]]:
    """The entries of all items of a stage; raises as `entry` does."""
    content = _read(path)
    return [_entry(content, stage, name, inputs, path) for name in content.get(stage, {})]


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{path}: no such file; run `dvc repro resolve`") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}: not JSON ({error}); run `dvc repro`") from error


def _entry(content: dict, stage: str, name: str, inputs: type[Made], path: Path) -> Entry[Made]:
    try:
        found = content[stage][name]
        made_from = inputs.model_validate_json(json.dumps(found["parameters"]))
        return Entry(stage, name, found["digest"], made_from)
    except (KeyError, TypeError, ValidationError) as error:
        raise ValueError(
            f"{path}: has no entry for {stage} {name} as this code reads it; run `dvc repro`"
        ) from error
