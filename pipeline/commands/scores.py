"""Command `wnet scores`: the scores of the active evaluations, and the address of their pages."""

from pathlib import Path

import click

from pipeline.harness.command import plain_errors
from pipeline.settings import params


@click.command("scores", short_help="Print the scores and the address of the pages.")
@plain_errors
def main() -> None:
    """Print the scores of the active evaluations and the address of the page that lists them all.

    They are the results of the last `dvc repro`; nothing is computed.
    """
    from pipeline.pages.score_table import score_table

    for line in score_table(Path("metrics"), params.load().evaluations, Path("reports/index.html")):
        click.echo(line)
