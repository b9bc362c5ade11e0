"""Stage `index`: all evaluations on one page, beside the paper's scores."""

from pathlib import Path

import click

from pipeline.harness import scratch
from pipeline.harness.command import stage_command
from pipeline.pages.evaluation import Subject, paper_tables_of
from pipeline.pages.pages import render
from pipeline.pages.score_table import score_table
from pipeline.pages.scores import read_headline, read_json
from pipeline.settings.inputs import IndexInputs
from pipeline.settings.resolved import entry
from wnet.metrics.paired import FEW
from wnet.metrics.scores import STAGES


@stage_command
@click.argument("metrics", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
def main(metrics: Path, out: Path) -> None:
    """Compare all active evaluations, by their METRICS, on the page OUT."""
    made_from = entry("index", "all", IndexInputs).inputs
    trainings = [
        read_json(metrics / "train" / f"{item.training}.json") if item.has_network else None
        for item in made_from.evaluations.values()
    ]
    subjects = [
        Subject(
            name=name,
            item=item,
            hr_side=made_from.sides[name],
            network=training["network"] if training else None,
            title=made_from.titles[name],
            unlike=made_from.unlike[name],
        )
        for (name, item), training in zip(made_from.evaluations.items(), trainings, strict=True)
    ]
    sets = {subject.name: subject.item.set_name for subject in subjects}
    compared = {name: own for name, own in sets.items() if own in made_from.comparisons}
    scores = [
        read_headline(metrics, subject.name, compared.get(subject.name)) for subject in subjects
    ]
    page = {
        "entries": list(zip(subjects, scores, trainings, strict=True)),
        "tables": paper_tables_of(list(zip(subjects, scores, strict=True))),
        "comparisons": made_from.comparisons,
        "not_compared": sorted({own for name, own in sets.items() if name not in compared}),
        "intervals": made_from.intervals,
        "few": FEW,
        "protocol": made_from.protocol,
        "leftovers": leftovers(metrics, set(made_from.evaluations)),
    }
    scratch.write_text(out, render("index.html", page))
    for line in score_table(metrics, made_from.evaluations, out):
        click.echo(line)


def leftovers(metrics: Path, active: set[str]) -> list[str]:
    """Names of evaluations that have scores but are no longer active."""
    scored = {path.stem for stage in STAGES for path in metrics.glob(f"{stage}/*.json")}
    return sorted(scored - active)


if __name__ == "__main__":
    main()
