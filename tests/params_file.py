"""Edits of keys in a params.yaml, and its resolved.json."""

import copy
import json
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML

from pipeline.settings import params
from pipeline.settings.code import Code
from pipeline.settings.resolution import items
from pipeline.settings.resolved import FILE, resolve

ROOT = Path(__file__).resolve().parent.parent


def edit_keys(path: Path, changes: dict) -> None:
    """Set keys, each given with dots, as a person would: {"train.epochs": 2}."""
    yaml = YAML()
    content = yaml.load(path)
    _set(content, changes)
    yaml.dump(content, path)


def edit_keys_quickly(path: Path, changes: dict) -> None:
    """The same without comments, for stages called directly: JSON, which is YAML as well."""
    content = copy.deepcopy(_content(path.read_text(encoding="utf-8")))
    _set(content, changes)
    path.write_text(json.dumps(content, indent=2).replace(": NaN", ": .nan"), encoding="utf-8")


def _set(content: dict, changes: dict) -> None:
    for key, value in changes.items():
        *parents, last = key.split(".")
        node = content
        for parent in parents:
            node = node[parent]
        node[last] = value


def write_resolved(folder: Path) -> None:
    """Write the folder's resolved.json, as the stage `resolve` would."""
    text = (folder / "params.yaml").read_text(encoding="utf-8")
    (folder / FILE).write_text(_resolved(text), encoding="utf-8")


def edit_resolved(folder: Path, stage: str, name: str, changes: dict) -> None:
    """Change parameters of an item in the folder's resolved.json, whatever params.yaml says."""
    entries = json.loads((folder / FILE).read_text())
    entries[stage][name]["parameters"] |= changes
    (folder / FILE).write_text(json.dumps(entries))


@lru_cache(maxsize=64)
def _resolved(text: str) -> str:
    return json.dumps(resolve(items(params.checked(_content(text))), _code()))


@lru_cache(maxsize=64)
def _content(text: str) -> dict:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return YAML(typ="safe").load(text)


@lru_cache(maxsize=1)
def _code() -> Code:
    return Code(ROOT)
