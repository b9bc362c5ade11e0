"""Stage `quality`: PSNR and SSIM of the network and of bicubic interpolation."""

import json
from pathlib import Path

import click
import numpy as np

from pipeline import params, schema, scratch
from pipeline.command import stage_command
from pipeline.tables import METHODS, as_csv, mean
from wnet.data.shards import Shards, read_shard
from wnet.metrics import psnr, ssim


@stage_command
@click.argument("scale", type=int)
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(scale: int, results: Path, crops: Path, table: Path, metrics: Path) -> None:
    """Score the faces in RESULTS against those in CROPS; rows go to TABLE, means to METRICS."""
    settings = params.load().quality
    faces = read_shard(results, "name", *METHODS)
    hr = Shards(crops).take(faces["name"], "hr")["hr"]
    scores = {method: score(faces[method], hr, scale, settings) for method in METHODS}
    columns = {
        f"{method}_{protocol}_{metric}": values
        for method, by_protocol in scores.items()
        for protocol, by_metric in by_protocol.items()
        for metric, values in by_metric.items()
    }
    scratch.write_text(table, as_csv(faces["name"], columns))
    scratch.write_text(metrics, json.dumps(summarize(scores, settings), indent=2) + "\n")
    click.echo(f"{metrics}: {len(hr)} faces scored by {', '.join(settings.protocols)}")


def score(
    images: np.ndarray, hr: np.ndarray, scale: int, settings: schema.Quality
) -> dict[str, dict[str, np.ndarray]]:
    """PSNR in dB and SSIM of each of (N, R, R, 3) images by each protocol."""
    return {
        protocol: {
            "psnr": psnr(images, hr, protocol, scale),
            "ssim": ssim(images, hr, protocol, scale),
        }
        for protocol in settings.protocols
    }


def summarize(scores: dict, settings: schema.Quality) -> dict:
    """Means by method, protocol and metric.

    A face that equals its original (a plain black one, say) has an infinite PSNR: it is left out of
    the mean of PSNR and counted as identical.
    """
    first = {method: by_protocol[settings.protocols[0]] for method, by_protocol in scores.items()}
    return {
        "faces": len(first["sr"]["psnr"]),
        "identical": int(np.isinf(first["sr"]["psnr"]).sum()),
        "lpips": "not measured",
        **{
            method: {
                protocol: {metric: mean(values) for metric, values in by_metric.items()}
                for protocol, by_metric in by_protocol.items()
            }
            for method, by_protocol in scores.items()
        },
    }


if __name__ == "__main__":
    main()
