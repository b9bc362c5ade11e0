"""Stage `quality`: PSNR, SSIM and LPIPS of the network and of bicubic interpolation."""

import json
from pathlib import Path

import click
import numpy as np

from pipeline.harness import environment, scratch
from pipeline.harness.command import stage_command
from pipeline.settings import params, schema
from pipeline.settings.required_weights import LPIPS_TRUNKS
from pipeline.tables import METHODS, as_csv, mean
from wnet.data.shards import Shards, read_shard
from wnet.files.weights import verified
from wnet.metrics.images import psnr, ssim

LPIPS_VERSION = "0.1"


@stage_command
@click.argument("scale", type=int)
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(scale: int, results: Path, crops: Path, table: Path, metrics: Path) -> None:
    """Score the faces in RESULTS against those in CROPS; rows go to TABLE, means to METRICS."""
    environment.keep_freed_memory()
    everything = params.load("quality")
    settings = everything.quality
    faces = read_shard(results, "name", *METHODS)
    hr = Shards(crops).take(faces["name"], "hr")["hr"]
    scores = {method: score(faces[method], hr, scale, settings) for method in METHODS}
    distances = {net: lpips(net, faces, hr, everything.weights) for net in settings.lpips}
    columns = {
        f"{method}_{protocol}_{metric}": values
        for method, by_protocol in scores.items()
        for protocol, by_metric in by_protocol.items()
        for metric, values in by_metric.items()
    } | {
        f"{method}_lpips_{net}": values
        for net, by_method in distances.items()
        for method, values in by_method.items()
    }
    summary = summarize(scores, distances, everything)
    scratch.write_text(table, as_csv(faces["name"], columns))
    scratch.write_text(metrics, json.dumps(summary, indent=2) + "\n")
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


def lpips(
    net: str, faces: dict[str, np.ndarray], hr: np.ndarray, weights: schema.Weights
) -> dict[str, np.ndarray]:
    """LPIPS of each face by the trunk `net`, method by method."""
    from wnet.metrics.lpips import LPIPSDistance

    trunk = verified(getattr(weights, LPIPS_TRUNKS[net]).weights_file())
    distance = LPIPSDistance(net, LPIPS_VERSION, trunk, environment.device())
    return {method: distance(faces[method], hr) for method in METHODS}


def summarize(scores: dict, distances: dict, everything: schema.Params) -> dict:
    """Means by method, protocol and metric; LPIPS by net, with its version and trunk.

    A face that equals its original (a plain black one, say) has an infinite PSNR: it is left out of
    the mean of PSNR and counted as identical.
    """
    first = {name: scores[name][everything.quality.protocols[0]] for name in METHODS}
    return {
        "faces": len(first["sr"]["psnr"]),
        "identical": int(np.isinf(first["sr"]["psnr"]).sum()),
        "lpips": {
            net: {
                "version": LPIPS_VERSION,
                "trunk": getattr(everything.weights, LPIPS_TRUNKS[net]).sha256,
                **{method: mean(values) for method, values in by_method.items()},
            }
            for net, by_method in distances.items()
        }
        or "not measured",
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
