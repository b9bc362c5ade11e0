"""Adding entries to params.yaml without changing its other lines."""

import io
from collections.abc import Mapping
from copy import deepcopy
from textwrap import indent

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

Entries = Mapping[str, Mapping | list]
_EMPTY = (None, {}, [])


def with_entries(text: str, added: Entries) -> str:
    """The file with more entries at the end of its blocks: {"splits": {"a-all": {...}}}.

    A missing block is created; one in braces or empty is rewritten with one line per entry.
    Raises ValueError if the file is written in a way that does not allow this.
    """
    before = _round_trip().load(text)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    starts = sorted(place[0] for place in before.lc.data.values())
    edits, last = [], 0  # start, end, replacement
    for key, entries in added.items():
        if key not in before:
            edits.append((last, last, _dumped({key: entries})))
            continue
        start = before.lc.data[key][0]
        last = _end(lines, start, next((line for line in starts if line > start), len(lines)))
        block = before[key]
        if block in _EMPTY or block.fa.flow_style():
            edits.append((start, last, _dumped({key: _joined(block, entries)})))
        else:
            column = next(iter(block.lc.data.values()))[1]
            column -= 2 * isinstance(block, CommentedSeq)  # of the dash
            edits.append((last, last, indent(_dumped(entries), " " * column)))
    for start, end, made in sorted(edits, key=lambda edit: edit[0])[::-1]:
        lines[start:end] = [made]
    after = "".join(lines)
    if _read(after) != _expected(_read(text), added):
        raise ValueError(
            "params.yaml is written in a way that cannot be added to; write these entries into it:"
            f"\n{_dumped(added)}"
        )
    return after


def _read(text: str) -> dict:
    return YAML(typ="safe").load(text)


def _round_trip() -> YAML:
    yaml = YAML()
    yaml.width = 1 << 20
    yaml.preserve_quotes = True
    return yaml


def _end(lines: list[str], start: int, end: int) -> int:
    """The line after the last one of a block that is neither empty nor a comment."""
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip()[0] == "#"):
        end -= 1
    return end


def _joined(block, entries: Mapping | list):
    """An empty block, or one in braces, with the entries added, one per line."""
    if isinstance(entries, list):
        joined = deepcopy(block) or CommentedSeq()
        joined.extend(entries)
    else:
        joined = deepcopy(block) or CommentedMap()
        joined.update(entries)
    joined.fa.set_block_style()
    return joined


def _expected(content: dict, added: Entries) -> dict:
    whole = deepcopy(content)
    for key, entries in added.items():
        there = whole.get(key)
        if isinstance(entries, list):
            whole[key] = [*(there or ()), *entries]
        else:
            whole[key] = {**(there or {}), **entries}
    return whole


def _dumped(content) -> str:
    text = io.StringIO()
    _round_trip().dump(content, text)
    return text.getvalue()
