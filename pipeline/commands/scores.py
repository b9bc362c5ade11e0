"""Command `wnet scores`: the scores of the active evaluations, and the address of their pages."""

from pathlib import Path

import click

from pipeline.harness.command import plain_errors
from pipeline.settings import params


@click.command("scores", short_help="The scores, and where the pages are.")
@plain_errors
def main() -> None:
    """Print the scores of the active evaluations and the address of the page over all of them.

    They are those of the last `dvc repro`; none is computed here.
    """
    from pipeline.pages.spoken import spoken

    for line in spoken(Path("metrics"), params.load().evaluations, Path("reports/index.html")):
        click.echo(line)
