"""Command `wnet scores`: the scores of the active evaluations, and where their pages are."""

from pathlib import Path

import click

from pipeline.harness.command import plain_errors
from pipeline.settings import params


@click.command("scores", short_help="Print the scores and the address of the pages.")
@plain_errors
def main() -> None:
    """Print the scores of the active evaluations and the address of the page over all of them.

    They are the results of the last `dvc repro`; nothing is computed.
    """
    from pipeline.pages.spoken import spoken

    for line in spoken(Path("metrics"), params.load().evaluations, Path("reports/index.html")):
        click.echo(line)
