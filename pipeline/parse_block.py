"""The unit of work of the stage `parse`: one shard of faces to one shard of parsing maps."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from pipeline.harness import environment
from pipeline.harness.advance import advance, resumed
from pipeline.settings import sections
from wnet.chosen import chosen
from wnet.data.shards import read_shard, write_shard
from wnet.parsing.classes import binarize


@dataclass(frozen=True)
class Block:
    """One shard of faces and the path of its maps; `files`: weights, by their keys."""

    faces: Path
    settings: sections.Parse
    files: tuple[tuple[str, Path], ...]
    shard: Path


def parse_block(block: Block) -> np.ndarray:
    """Parse one shard, unless done already; returns fractions of skin, NaN without a map."""
    if block.shard.exists():
        resumed()
    else:
        faces = read_shard(block.faces, "name", "hr", "points")
        classes = _parsed(block, faces["hr"], faces["points"])
        skin = binarize(classes, block.settings.skin_ids)
        write_shard(block.shard, {"name": faces["name"], "classes": classes, "skin": skin})
    maps = read_shard(block.shard, "classes", "skin")
    share = maps["skin"].mean(axis=(1, 2))
    return np.where(maps["classes"].any(axis=(1, 2)), share, np.nan)


def _parsed(block: Block, images: np.ndarray, points: np.ndarray) -> np.ndarray:
    parse = parser(block.settings, block.files)
    classes = np.empty(images.shape[:3], np.uint8)
    for start in range(0, len(images), parse.at_once):
        some = slice(start, start + parse.at_once)
        classes[some] = parse.parse(images[some], points[some])
        advance(len(images[some]))
    return classes


@lru_cache(maxsize=1)
def parser(settings: sections.Parse, files: tuple[tuple[str, Path], ...]):
    """The parser of this process, cached, since its network takes a second to load."""
    method = chosen("wnet.parsing.methods", settings.method)
    return method.load(settings.bisenet_side, dict(files), environment.device)
