"""Descriptions of the keys of params.yaml, as comments above the keys and in docs/params.md.

Both come from the descriptions in the settings' classes; `python -m pipeline.settings.described`
rewrites them, and a test keeps the files up to date.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from inspect import cleandoc
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from pipeline.settings import schema, split_rules
from wnet.networks import by_name
from wnet.settings import Settings
from wnet.training.settings import Loss

PARAMS, PAGE = Path("params.yaml"), Path("docs/params.md")
SECTIONS = (
    "synthesize", "crop", "parse", "reference", "model", "loss", "train", "degrade", "quality",
    "landmarks", "identity", "report", "compare",
)  # fmt: skip
WIDTH = 98
_KEY = re.compile(r"^(?P<indent> *)(?P<key>[\w-]+):")


def commented(text: str) -> str:
    """Add a comment above each key of sections, networks and split rules of params.yaml.

    Existing comments above such a key are replaced; all others are kept.
    """
    lines: list[str] = []
    path: list[tuple[int, str]] = []
    for line in text.split("\n"):
        found = _KEY.match(line)
        if found:
            indent = len(found["indent"])
            path = [*(part for part in path if part[0] < indent), (indent, found["key"])]
            described = _description(tuple(key for _, key in path), text)
            if described:
                while lines and lines[-1].strip().startswith("#"):
                    lines.pop()
                lines += textwrap.wrap(
                    described, WIDTH, initial_indent=" " * indent + "# ",
                    subsequent_indent=" " * indent + "# ", break_on_hyphens=False,
                    break_long_words=False,
                )  # fmt: skip
        lines.append(line)
    return "\n".join(lines)


def page() -> str:
    """docs/params.md: a table of keys for each section, network and split rule."""
    parts = [
        "# Parameters",
        "Every key of `params.yaml`, by its section. This page is written from the code by"
        " `python -m pipeline.settings.described`.",
    ]
    for name in SECTIONS:
        if name in _BASE:
            continue
        section = schema.Params.model_fields[name].annotation
        parts += [f"## `{name}`", cleandoc(section.__doc__), _table(section)]
    parts += [
        "## `model` and `loss`",
        "The keys of a run's `model` and `loss`, by its `network`; a network without a table of its"
        " own for `loss` has the first.",
        "### `loss`",
        Loss.__doc__,
        _table(Loss),
    ]
    for name in by_name.names():
        settings, loss = by_name.config_of(name), by_name.loss_of(name)
        parts += [f"### `{name}`: {by_name.title_of(name)}", settings.__doc__, _table(settings)]
        if loss is not Loss:
            parts += [f"### `{name}`: `loss`", loss.__doc__, _table(loss)]
    parts += ["## Splits", "The keys of a rule under `recipes.<dataset>.splits`, by its `by`."]
    for rule in _members(split_rules.Split):
        (by,) = get_args(rule.model_fields["by"].annotation)
        parts += [f"### `{by}`", rule.__doc__, _table(rule)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _description(path: tuple[str, ...], text: str) -> str | None:
    """The description of the key at a path of params.yaml; None if it has none."""
    match path:
        case (section, key) if section in SECTIONS:
            owner = schema.Params.model_fields[section].annotation
            return (_BASE.get(section) or descriptions(owner)).get(key)
        case ("runs", run, ("model" | "loss") as section, key):
            if (network := _network_of(run, text)) in by_name.names():
                of = by_name.config_of if section == "model" else by_name.loss_of
                return descriptions(of(network)).get(key)
    return None


@cache
def descriptions(section: type[Settings]) -> dict[str, str]:
    """Each key with its description: the string below its declaration, on one line.

    pydantic can read them too, but does so whenever a stage starts and takes longer than the rest.
    """
    found: dict[str, str] = {}
    for owner in reversed(section.mro()[: section.mro().index(Settings)]):
        (declared,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
        for key, below in pairwise(declared.body):
            match key, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(ast.Constant(str(text))):
                    found[name] = " ".join(text.split())
    return found


def _network_of(run: str, text: str) -> str:
    """The network of a run: its own, or that of the run it is based on, or that of `model`."""
    body = re.search(rf"^  {re.escape(run)}:\n((?:    .*\n|\n)*)", text, re.MULTILINE)
    for key in ("    based_on", "      network"):
        if body and (named := re.search(rf"^{key}: ([\w-]+)$", body[1], re.MULTILINE)):
            return named[1] if key.endswith("network") else _network_of(named[1], text)
    return "wnet"


_NETWORK = "A folder of wnet/networks/."
_BASE = {
    "model": {"network": _NETWORK, **descriptions(by_name.config_of("wnet"))},
    "loss": descriptions(by_name.loss_of("wnet")),
}


def _table(section: type[Settings]) -> str:
    rows = ["| key | allowed | meaning |", "|---|---|---|"]
    described = descriptions(section)
    for key, field in section.model_fields.items():
        rows.append(f"| `{key}` | {allowed(field)} | {described.get(key, '')} |")
    return "\n".join(rows)


def allowed(field: FieldInfo) -> str:
    """Type and range of a key, in words."""
    return _words(field.annotation, [*field.metadata]).replace("|", "\\|")


def _words(kind: Any, metadata: list) -> str:
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *more = get_args(kind)
        return _words(inner, [*more, *metadata])
    if origin is Literal:
        return ", ".join(f"`{str(value).lower()}`" for value in get_args(kind))
    if origin in (Union, UnionType):
        return " or ".join(
            "empty" if part is type(None) else _words(part, metadata) for part in get_args(kind)
        )
    if origin is tuple:
        inside = dict.fromkeys(_words(part, []) for part in get_args(kind) if part is not Ellipsis)
        return f"a list of {' and '.join(inside)}"
    word = {bool: "`true` or `false`", int: "a whole number", float: "a number", str: "a name"}
    return " ".join([word[kind], *_range(metadata)])


def _range(metadata: list) -> Iterator[str]:
    bounds: dict[str, float] = {}
    for item in metadata:
        for part in getattr(item, "metadata", [item]):  # of pydantic's Field
            for name in ("ge", "gt", "le", "lt", "multiple_of"):
                if (value := getattr(part, name, None)) is not None:
                    bounds[name] = value
    words = {"ge": "from", "gt": "above", "le": "to", "lt": "below", "multiple_of": "in steps of"}
    for name, word in words.items():
        if name in bounds:
            yield f"{word} {bounds[name]:,.10g}".replace(",", " ")


def _members(union: Any) -> tuple:
    inner = get_args(union)[0] if get_origin(union) is Annotated else union
    return get_args(inner)


def main() -> None:
    """Write both files."""
    PARAMS.write_text(commented(PARAMS.read_text(encoding="utf-8")), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
