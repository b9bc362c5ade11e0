"""Stage `parse`: the 19-class parsing map of every cropped face, and the binary skin map."""

import json
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from pipeline import parallel, params, schema, scratch
from pipeline.command import stage_command
from wnet.data.shards import Shards, read_shard, write_shard
from wnet.faces.parsing import binarize, polygons
from wnet.faces.parsing_polygons import VanishingFace


@dataclass(frozen=True)
class Block:
    """One shard of faces and where its maps go."""

    faces: Path
    settings: schema.Parse
    shard: Path
    made_by: dict


@stage_command
@click.argument("dataset")
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(dataset: str, crops: Path, out: Path, metrics: Path) -> None:
    """Parse the faces in CROPS into shards in OUT; counts go to METRICS."""
    settings = params.load().recipes[dataset].parse
    made_by = {
        "stage": "parse",
        "parameters": settings.model_dump(exclude={"degenerate_below"}),  # counted, not drawn
        "versions": scratch.versions("numpy", "opencv-python"),
    }
    with scratch.workspace("parse", dataset, [crops], made_by, scratch.loaded_code()) as work:
        counts = parse_faces(crops, work / "out", settings, made_by)
        scratch.publish(work / "out", out)
        scratch.write_text(metrics, json.dumps(counts, indent=2) + "\n")
    click.echo(f"{out}: {counts['parsed']} faces parsed")


def parse_faces(crops: Path, out: Path, settings: schema.Parse, made_by: dict) -> dict:
    """Fill `out` with a shard of maps for each shard of faces; returns the counts."""
    out.mkdir(exist_ok=True)
    shards = Shards(crops)
    blocks = [Block(path, settings, out / path.name, made_by) for path in shards.paths]
    skin = np.concatenate(parallel.map_blocks(parse_block, blocks, shards.lengths, "parse"))
    return {
        "parsed": len(skin),
        "without_map": int(np.isnan(skin).sum()),
        "degenerate": int((skin < settings.degenerate_below).sum()),
        "mean_skin_share": round(float(np.nanmean(skin)), 6) if not np.isnan(skin).all() else 0.0,
    }


def parse_block(block: Block) -> np.ndarray:
    """Parse one shard, unless an earlier call has; returns the share of skin, NaN where no map is.

    A face without landmarks, or with landmarks that span hardly any of it, gets background alone.
    """
    if not block.shard.exists():
        faces = read_shard(block.faces, "name", "hr", "points")
        pairs = zip(faces["hr"], faces["points"], strict=True)
        classes = np.stack([parse_face(hr, points) for hr, points in pairs])
        skin = binarize(classes, tuple(block.settings.skin_ids))
        columns = {"name": faces["name"], "classes": classes, "skin": skin}
        write_shard(block.shard, columns, block.made_by)
    maps = read_shard(block.shard, "classes", "skin")
    share = maps["skin"].mean(axis=(1, 2))
    return np.where(maps["classes"].any(axis=(1, 2)), share, np.nan)


def parse_face(hr: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The classes of one face, all background where its landmarks do not say where it is."""
    nothing = np.zeros(hr.shape[:2], np.uint8)
    if np.isnan(points).any():
        return nothing
    try:
        return polygons(hr, points)
    except VanishingFace:
        return nothing


if __name__ == "__main__":
    main()
