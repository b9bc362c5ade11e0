"""Stage `quality`: PSNR, SSIM and LPIPS of bicubic interpolation and of the network."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import click
import numpy as np

from pipeline.harness import environment, scratch
from pipeline.harness.command import stage_command
from pipeline.scoring import as_tree, first, headline_of, means_of, rows_of, scored
from pipeline.settings.inputs import QualityInputs
from pipeline.settings.resolved import entry
from pipeline.tables import methods_of
from wnet.counted import counted
from wnet.data.shards import Shards, read_shard
from wnet.metrics.scores import Pictures
from wnet.metrics.trunks import TRUNKS

LPIPS_VERSION = "0.1"


@stage_command
@click.argument("name")
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("details", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(name: str, results: Path, crops: Path, table: Path, details: Path, metrics: Path) -> None:
    """Score the faces in RESULTS, of the evaluation NAME, against those in CROPS.

    One row per face goes to TABLE, all means to DETAILS, the main ones to METRICS.
    """
    environment.keep_freed_memory()
    made_from = entry("quality", name, QualityInputs).inputs
    scale, settings = made_from.scale, made_from.quality
    methods = methods_of(results)
    faces = read_shard(results, "name", *methods)
    hr = Shards(crops).take(faces["name"], "hr")["hr"]
    files = made_from.files()
    lpips = lpips_by(files)
    pairs = {m: Pictures(sr=faces[m], hr=hr, scale=scale, lpips=lpips) for m in methods}
    scores = scored("quality", pairs, settings.model_dump())
    means = means_of(scores, np.full(len(hr), True))
    about = facts(first(scores[methods[-1]], "psnr"), made_from, files)
    scratch.write_text(table, rows_of(faces["name"], scores))
    scratch.write_json(details, about | as_tree(means))
    scratch.write_json(metrics, {name: {"faces": about["faces"]} | headline_of(means)})
    click.echo(f"{metrics}: {counted(len(hr), 'face')} scored by {', '.join(settings.protocols)}")


def lpips_by(trunks: Mapping[str, Path]) -> Callable:
    """A cached loader of LPIPS by the name of its network; `trunks`: their files, by role."""

    @cache
    def load(net: str):
        from wnet.metrics.lpips import LPIPSDistance

        return LPIPSDistance(net, LPIPS_VERSION, trunks[TRUNKS[net]], environment.device())

    return load


def facts(psnr: np.ndarray, made_from: QualityInputs, files: Mapping[str, Path]) -> dict:
    """The number of faces, and the SHA-256 of the `files` of the networks that were used.

    psnr: (N,) of the evaluated method. A face that equals its original (a plain black one, for
    example) has an infinite PSNR: it is excluded from the mean PSNR and counted as identical.
    """
    return {
        "faces": len(psnr),
        "identical": int(np.isinf(psnr).sum()),
        "weights": {
            role: file.weights_file().at(files[role]).sha256
            for role, file in made_from.weights.items()
        },
        "lpips_version": LPIPS_VERSION,
    }


if __name__ == "__main__":
    main()
