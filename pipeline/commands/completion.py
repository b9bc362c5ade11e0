"""Names that the shell completes on the command line `wnet`."""

from pathlib import Path

import click


def trained(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Trainings whose networks are in models/."""
    names = sorted(folder.parent.name for folder in Path("models").glob("*/network"))
    return [name for name in names if name.startswith(begun)]
