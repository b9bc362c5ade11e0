"""Stage `identity`: how much of the identity the reconstruction keeps."""

import json
from pathlib import Path

import click
import numpy as np

from pipeline.harness import environment, scratch
from pipeline.harness.command import stage_command
from pipeline.settings.inputs import IdentityInputs
from pipeline.settings.resolved import entry
from pipeline.tables import DECIMALS, METHODS, as_csv, mean
from wnet.chosen import chosen
from wnet.data.shards import read_shard
from wnet.metrics.faces import cosine_similarity, share_above


@stage_command
@click.argument("name")
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("curve", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(
    name: str, results: Path, reference: Path, table: Path, curve: Path, metrics: Path
) -> None:
    """Compare identities in RESULTS with REFERENCE; rows to TABLE, Fig. 6 to CURVE."""
    made_from = entry("identity", name, IdentityInputs).inputs
    identity = made_from.reference.identity
    faces = read_shard(results, "name", *METHODS)
    known = read_shard(reference, "name", "points", "embedding")
    if list(faces["name"]) != list(known["name"]):
        raise ValueError(f"{results} and {reference} hold different faces; run `dvc repro`")
    load = chosen("wnet.identity.networks", identity).load
    network = load(made_from.files(), environment.device)
    # Both pictures are aligned by the original's landmarks: alignment is not what is scored.
    similarities = {
        method: cosine_similarity(network.embed(faces[method], known["points"]), known["embedding"])
        for method in METHODS
    }
    scratch.write_text(
        table, as_csv(faces["name"], {f"{m}_similarity": v for m, v in similarities.items()})
    )
    scratch.write_text(curve, draw_curve(similarities, made_from.identity.thresholds))
    summary = {
        "network": identity,
        "weights": {role: file.sha256 for role, file in made_from.weights.items()},
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
