"""Stage `parse`: the 19-class parsing map of every cropped face, and the binary skin map."""

import json
from pathlib import Path

import click
import numpy as np

from pipeline.harness import parallel, scratch
from pipeline.harness.command import stage_command
from pipeline.parse_block import Block, parse_block
from pipeline.settings import params, schema
from pipeline.tables import as_csv
from wnet.data.shards import Shards, write_index

LIBRARIES = {
    "landmarks": ("numpy", "opencv-python"),
    "bisenet": ("facexlib", "numpy", "opencv-python", "torch"),
}


@stage_command
@click.argument("dataset")
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(dataset: str, crops: Path, out: Path, ledger: Path, metrics: Path) -> None:
    """Parse the faces in CROPS into shards in OUT.

    Faces with hardly any skin are named in LEDGER; counts go to METRICS.
    """
    recipe = params.load("parse").recipes[dataset]
    method = recipe.parse.method
    made_by = {
        "stage": "parse",
        "parameters": recipe.parse.model_dump(exclude={"degenerate_below"}),  # listed, not drawn
        "weights": {"bisenet": recipe.weights.bisenet.sha256} if method == "bisenet" else {},
        "versions": scratch.versions(*LIBRARIES[method]),
    }
    with scratch.workspace("parse", dataset, [crops], made_by, scratch.loaded_code()) as work:
        skin = parse_faces(crops, work / "out", recipe, made_by)
        counts, rows = summarize(skin, recipe.parse.degenerate_below)
        counts = {"method": method, "weights": made_by["weights"], **counts}
        scratch.publish(work / "out", out)
        scratch.write_text(ledger, rows)
        scratch.write_text(metrics, json.dumps(counts, indent=2) + "\n")
    click.echo(f"{out}: {counts['parsed']} faces parsed, {counts['degenerate']} degenerate")


def parse_faces(crops: Path, out: Path, recipe: schema.Recipe, made_by: dict) -> dict[str, float]:
    """Fill `out` with a shard of maps for each shard of faces; returns the shares of skin."""
    out.mkdir(exist_ok=True)
    shards = Shards(crops)
    blocks = [
        Block(path, recipe.parse, recipe.weights.bisenet, out / path.name, made_by)
        for path in shards.paths
    ]
    network = recipe.parse.method == "bisenet"
    shares = parallel.map_blocks(parse_block, blocks, shards.lengths, "parse", network)
    write_index(out, shards)
    return dict(zip(shards.names, np.concatenate(shares), strict=True))


def summarize(skin: dict[str, float], degenerate_below: float) -> tuple[dict, str]:
    """Counts, and a CSV of the faces without a map or with less skin than `degenerate_below`."""
    shares = np.array(list(skin.values()))
    without, degenerate = np.isnan(shares), shares < degenerate_below
    (listed,) = np.nonzero(without | degenerate)
    names = list(skin)
    counts = {
        "parsed": len(shares),
        "without_map": int(without.sum()),
        "degenerate": int(degenerate.sum()),
        "mean_skin_share": round(float(np.nanmean(shares)), 6) if not without.all() else 0.0,
    }
    return counts, as_csv([names[row] for row in listed], {"skin_share": shares[listed]})


if __name__ == "__main__":
    main()
