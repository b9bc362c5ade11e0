"""One shard of faces to one shard of parsing maps: what a process of the stage `parse` does."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from pipeline.harness import environment
from pipeline.settings import schema
from wnet.data.shards import read_shard, write_shard
from wnet.files.weights import verified
from wnet.parsing.by_landmarks import binarize, classes_by_landmarks
from wnet.parsing.outlines import VanishingFace


@dataclass(frozen=True)
class Block:
    """One shard of faces and where its maps go."""

    faces: Path
    settings: schema.Parse
    bisenet: schema.Checkpoint
    shard: Path
    made_by: dict


def parse_block(block: Block) -> np.ndarray:
    """Parse one shard, unless an earlier call has; the shares of skin, NaN where no map is."""
    if not block.shard.exists():
        faces = read_shard(block.faces, "name", "hr", "points")
        match block.settings.method:
            case "landmarks":
                pairs = zip(faces["hr"], faces["points"], strict=True)
                classes = np.stack([parse_by_points(hr, points) for hr, points in pairs])
            case "bisenet":
                classes = bisenet(block.bisenet, block.settings.bisenet_side).parse(faces["hr"])
        skin = binarize(classes, tuple(block.settings.skin_ids))
        columns = {"name": faces["name"], "classes": classes, "skin": skin}
        write_shard(block.shard, columns, block.made_by)
    maps = read_shard(block.shard, "classes", "skin")
    share = maps["skin"].mean(axis=(1, 2))
    return np.where(maps["classes"].any(axis=(1, 2)), share, np.nan)


def parse_by_points(hr: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The classes of one face, all background where its landmarks do not say where it is."""
    nothing = np.zeros(hr.shape[:2], np.uint8)
    if np.isnan(points).any():
        return nothing
    try:
        return classes_by_landmarks(hr, points)
    except VanishingFace:
        return nothing


@lru_cache(maxsize=1)
def bisenet(checkpoint: schema.Checkpoint, side: int):
    """One BiSeNetParser a process, since it takes a second to load; raises MissingWeights."""
    from wnet.parsing.bisenet import BiSeNetParser

    return BiSeNetParser(verified(checkpoint.weights_file()), side, environment.device())
