"""Stage `identity`: how much of the identity the reconstruction keeps."""

import json
from pathlib import Path

import click
import numpy as np

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.identity_network import digest, identity_network
from pipeline.settings import params
from pipeline.tables import DECIMALS, METHODS, as_csv, mean
from wnet.data.shards import read_shard
from wnet.metrics.faces import cosine_similarity, share_above


@stage_command
@click.argument("dataset")
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("curve", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(
    dataset: str, results: Path, reference: Path, table: Path, curve: Path, metrics: Path
) -> None:
    """Compare identities in RESULTS with REFERENCE; rows to TABLE, Fig. 6 to CURVE."""
    everything = params.load("identity")
    recipe = everything.recipes[dataset]
    faces = read_shard(results, "name", *METHODS)
    known = read_shard(reference, "name", "points", "embedding")
    if list(faces["name"]) != list(known["name"]):
        raise ValueError(f"{results} and {reference} hold different faces; run `dvc repro`")
    network = identity_network(recipe.reference, recipe.weights)
    # Both pictures are aligned by the original's landmarks: alignment is not what is scored.
    similarities = {
        method: cosine_similarity(network.embed(faces[method], known["points"]), known["embedding"])
        for method in METHODS
    }
    scratch.write_text(
        table, as_csv(faces["name"], {f"{m}_similarity": v for m, v in similarities.items()})
    )
    scratch.write_text(curve, draw_curve(similarities, everything.identity.thresholds))
    summary = {
        "network": recipe.reference.identity,
        "weights": digest(recipe.reference, recipe.weights),
        "faces": len(faces["name"]),
        "excluded": int(np.isnan(known["points"]).any(axis=(1, 2)).sum()),
        **{method: {"similarity": mean(values)} for method, values in similarities.items()},
    }
    scratch.write_text(metrics, json.dumps(summary, indent=2) + "\n")
    click.echo(f"{metrics}: {summary['faces'] - summary['excluded']} identities compared")


def draw_curve(similarities: dict[str, np.ndarray], count: int) -> str:
    """The curve of Fig. 6 as TSV: the share of faces above each of `count` thresholds in 0-1."""
    thresholds = np.linspace(0, 1, count)
    shares = [share_above(values, thresholds) for values in similarities.values()]
    lines = ["\t".join(["threshold", *similarities])]
    for row in zip(thresholds, *shares, strict=True):
        lines.append("\t".join(f"{round(float(value), DECIMALS):g}" for value in row))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
