"""Stage `identity`: the similarity in identity of reconstruction and original."""

from pathlib import Path

import click
import numpy as np

from pipeline.harness import environment, scratch
from pipeline.harness.command import stage_command
from pipeline.scoring import Scored, as_tree, first, headline_of, means_of, rows_of, scored
from pipeline.settings.inputs import IdentityInputs
from pipeline.settings.resolved import entry
from pipeline.tables import DECIMALS, methods_of
from wnet.chosen import chosen
from wnet.counted import counted
from wnet.data.shards import read_shard
from wnet.metrics.faces import share_above
from wnet.metrics.scores import Identities


@stage_command
@click.argument("name")
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("curve", type=click.Path(path_type=Path))
@click.argument("details", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
def main(
    name: str,
    results: Path,
    reference: Path,
    table: Path,
    curve: Path,
    details: Path,
    metrics: Path,
) -> None:
    """Compare identities in RESULTS, of the evaluation NAME, with REFERENCE.

    The scores of each face go to TABLE, the curve of Fig. 6 to CURVE, all means to DETAILS, the
    main ones to METRICS.
    """
    made_from = entry("identity", name, IdentityInputs).inputs
    who = made_from.reference.identity
    methods = methods_of(results)
    faces = read_shard(results, "name", *methods)
    known = read_shard(reference, "name", "points", "embedding")
    if list(faces["name"]) != list(known["name"]):
        raise ValueError(f"{results} and {reference} have different faces; run `dvc repro`")
    load = chosen("wnet.identity.networks", who).load
    network = load(made_from.files(), environment.device)
    # Both pictures are aligned by the original's landmarks, since alignment is not scored.
    compared = {
        method: Identities(sr=network.embed(faces[method], known["points"]), hr=known["embedding"])
        for method in methods
    }
    scores = scored("identity", compared, {})
    found = ~np.isnan(known["points"]).any(axis=(1, 2))
    means = means_of(scores, found)
    facts = {
        "network": who,
        "weights": {role: file.sha256 for role, file in made_from.weights.items()},
        "faces": len(found),
        "excluded": int((~found).sum()),
    }
    scratch.write_text(table, rows_of(faces["name"], scores))
    scratch.write_text(curve, draw_curve(scores, made_from.identity.thresholds))
    scratch.write_json(details, facts | as_tree(means))
    scratch.write_json(metrics, {name: headline_of(means)})
    click.echo(f"{metrics}: {counted(found.sum(), 'identity', 'identities')} compared")


def draw_curve(scores: Scored, count: int) -> str:
    """The curve of Fig. 6 as TSV: the fraction of faces above each of `count` thresholds."""
    similarities = {method: first(of, "identity_similarity") for method, of in scores.items()}
    thresholds = np.linspace(0, 1, count)
    shares = [share_above(values, thresholds) for values in similarities.values()]
    lines = ["\t".join(["threshold", *similarities])]
    for row in zip(thresholds, *shares, strict=True):
        lines.append("\t".join(f"{round(float(value), DECIMALS):g}" for value in row))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
