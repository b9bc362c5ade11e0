"""Photographs with the same pixels as another: their faces are removed from a block's output."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from wnet.data.shards import read_shard, write_shard
from wnet.photographs.keys import photograph_of


def find_copies(outcomes: Iterable[dict]) -> dict[str, str]:
    """Photographs with the same pixels as an earlier one, each with the name of that one."""
    first: dict[str, str] = {}
    copies = {}
    for outcome in outcomes:
        for name, pixels in outcome["pixels"].items():
            original = first.setdefault(pixels, name)
            if original != name:
                copies[name] = original
    return copies


def reject_copies(shard: Path, outcome: dict, copies: dict[str, str]) -> dict:
    """Move copies to a block's rejected photographs, and remove their faces from its shard."""
    there = [name for name in outcome["pixels"] if name in copies]
    if not there:
        return outcome
    if shard.exists():
        _drop(shard, there)
    others = (row for row in outcome["rejected"] if photograph_of(row["name"]) not in copies)
    rows = {row["name"]: row for row in others} | {
        name: {
            "name": name,
            "reason": "copy",
            "detail": f"the same pixels as {copies[name]}",
        }
        for name in there
    }
    faces = {key: of for key, of in outcome["faces"].items() if photograph_of(key) not in copies}
    return {**outcome, "faces": faces, "rejected": [rows[name] for name in sorted(rows)]}


def _drop(shard: Path, names: list[str]) -> None:
    """Rewrite a shard without the faces of these photographs; delete it if no others remain."""
    columns = read_shard(shard)
    kept = ~np.isin([photograph_of(key) for key in columns["name"].astype(str)], names)
    if not kept.any():
        shard.unlink()
    elif not kept.all():
        write_shard(shard, {key: column[kept] for key, column in columns.items()})
