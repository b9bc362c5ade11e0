"""Stage `compare`: every pair of networks evaluated on one test set."""

from functools import partial
from pathlib import Path

import click

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.pages.ablation import table_3_with_ours
from pipeline.pages.compared_charts import cost_charts, similarity_chart
from pipeline.pages.compared_faces import Places, read_compared_faces
from pipeline.pages.compared_script import script_data
from pipeline.pages.comparison import Comparison, paper_rows, read_comparison
from pipeline.pages.pages import render
from pipeline.pages.pairs import as_csv, rows_of
from pipeline.pages.paper_tables import with_ours
from pipeline.settings.inputs import CompareInputs
from pipeline.settings.resolved import entry
from wnet.counted import counted
from wnet.metrics.paired import FEW


@stage_command
@click.argument("name")
@click.argument("raw", type=click.Path(path_type=Path))
@click.argument("crops", type=click.Path(path_type=Path))
@click.argument("pyramid", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("results", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(
    name: str,
    raw: Path,
    crops: Path,
    pyramid: Path,
    reference: Path,
    results: Path,
    metrics: Path,
    table: Path,
    out: Path,
) -> None:
    """Compare all evaluations on the test set NAME, in RESULTS, pair by pair.

    The main scores go to METRICS and every pair by every score to TABLE. The page OUT shows both,
    with faces of CROPS, their attributes in RAW, skin maps in PYRAMID and landmarks in REFERENCE.
    """
    made_from = entry("compare", name, CompareInputs).inputs
    comparison = read_comparison(results, made_from)
    pairs = rows_of(comparison.once(), [score.column for score in comparison.scores])
    places = Places(raw=raw, crops=crops, pyramid=pyramid, reference=reference, results=results)
    item = made_from.comparison
    faces = read_compared_faces(comparison, made_from.compare, item.scale, places)
    page = {
        "name": name,
        "item": item,
        "side": made_from.side,
        "comparison": comparison,
        "faces": faces,
        "script": script_data(comparison, faces),
        "similarity": similarity_chart(comparison),
        "costs": cost_charts(comparison),
        "tables": with_ours(partial(paper_rows, comparison, item, made_from.side)),
        "table_3": table_3_with_ours(comparison.networks),
        "intervals": made_from.compare,
        "few": FEW,
        "table": table.name,
    }
    scratch.write_text(out, render("compare.html", page))
    scratch.write_text(table, as_csv(pairs))
    scratch.write_json(metrics, {name: headline_of(comparison)})
    methods, names = len(comparison.contenders), len(comparison.names)
    click.echo(f"{out}: {counted(methods, 'method')}, {counted(names, 'face')}")


def headline_of(comparison: Comparison) -> dict:
    """The main figures: the methods with their means and standard deviations, and every pair."""
    columns = [score.column for score in comparison.headline]
    return {
        "methods": [
            {
                "name": one.name,
                "title": one.title,
                "evaluations": list(one.evaluations),
                "parameters": one.parameters,
                "operations": one.operations,
                "mean": {column: one.means[column] for column in columns},
                "spread": {column: one.spread[column] for column in columns},
            }
            for one in comparison.contenders
        ],
        "pairs": rows_of(comparison.once(), columns),
    }


if __name__ == "__main__":
    main()
