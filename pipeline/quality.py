"""Stage `quality`: PSNR, SSIM and LPIPS of the network and of bicubic interpolation."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import click
import numpy as np

from pipeline.harness import environment, scratch
from pipeline.harness.command import stage_command
from pipeline.scoring import Scored, as_tree, first, headline_of, means_of, rows_of, scored
from pipeline.settings import params, schema
from pipeline.settings.required_weights import LPIPS_TRUNKS
from pipeline.tables import METHODS
from wnet.data.shards import Shards, read_shard
from wnet.files.weights import verified
from wnet.metrics.scores import Pictures

LPIPS_VERSION = "0.1"


@stage_command
@click.argument("name")
@click.argument("scale", type=int)
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("details", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(
    name: str, scale: int, results: Path, crops: Path, table: Path, details: Path, metrics: Path
) -> None:
    """Score the faces in RESULTS, of the evaluation NAME, against those in CROPS.

    A row a face goes to TABLE, all means to DETAILS, those that are compared first to METRICS.
    """
    everything = params.load("quality")
    faces = read_shard(results, "name", *METHODS)
    hr = Shards(crops).take(faces["name"], "hr")["hr"]
    lpips = lpips_by(everything.weights)
    pairs = {m: Pictures(sr=faces[m], hr=hr, scale=scale, lpips=lpips) for m in METHODS}
    scores = scored("quality", pairs, everything.quality.model_dump())
    means = means_of(scores, np.full(len(hr), True))
    about = facts(scores, everything)
    scratch.write_text(table, rows_of(faces["name"], scores))
    scratch.write_json(details, about | as_tree(means))
    scratch.write_json(metrics, {name: {"faces": about["faces"]} | headline_of(means)})
    click.echo(f"{metrics}: {len(hr)} faces scored by {', '.join(everything.quality.protocols)}")


def lpips_by(weights: schema.Weights) -> Callable:
    """What loads LPIPS by the name of a net, once for both methods."""

    @cache
    def load(net: str):
        from wnet.metrics.lpips import LPIPSDistance

        trunk = verified(getattr(weights, LPIPS_TRUNKS[net]).weights_file())
        return LPIPSDistance(net, LPIPS_VERSION, trunk, environment.device())

    return load


def facts(scores: Scored, everything: schema.Params) -> dict:
    """How many faces, and by which networks.

    A face that equals its original (a plain black one, say) has an infinite PSNR: it is left out of
    the mean of PSNR and counted as identical.
    """
    psnr = first(scores["sr"], "psnr")
    roles = [LPIPS_TRUNKS[net] for net in everything.quality.lpips]
    return {
        "faces": len(psnr),
        "identical": int(np.isinf(psnr).sum()),
        "weights": {role: getattr(everything.weights, role).sha256 for role in roles},
        "lpips_version": LPIPS_VERSION,
    }


if __name__ == "__main__":
    main()
