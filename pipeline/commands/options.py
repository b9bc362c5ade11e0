"""Options that several commands share, and completion of names in the shell."""

from collections.abc import Callable
from pathlib import Path

import click


def trained(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Complete names of trainings whose networks are in models/."""
    names = sorted(folder.parent.name for folder in Path("models").glob("*/network"))
    return [name for name in names if name.startswith(begun)]


def entries(block: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """A function that completes names of a block of params.yaml; none if the file has errors."""

    def names(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
        from pipeline.settings import params

        try:
            return [name for name in getattr(params.load(), block) if name.startswith(begun)]
        except params.BadParameters:
            return []

    return names


def choosing_a_network(command: Callable, default: str = "the only one in models/") -> Callable:
    """Add --model and --scale to a command, for the functions of `pipeline.commands.models`.

    default: the choice without them, in words.
    """
    model = click.option(
        "-m",
        "--model",
        shell_complete=trained,
        help=f"A training's name or a network's folder; default: {default}.",
    )
    scale = click.option(
        "-s", "--scale", type=int, help="Choose among networks by their upscaling factor."
    )
    return model(scale(command))
