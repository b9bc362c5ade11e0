"""A stage's command line: errors that a person can act on in a line, not a traceback."""

import os
from collections.abc import Callable
from functools import wraps

import click


def stage_command(function: Callable) -> click.Command:
    """Make a click command of a stage, with `plain_errors`."""
    return click.command()(plain_errors(function))


def plain_errors(function: Callable) -> Callable:
    """Errors of a command in a line; WNET_DEBUG=1 shows the traceback."""

    @wraps(function)
    def run(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except click.ClickException:
            raise
        except Exception as error:
            if os.environ.get("WNET_DEBUG"):
                raise
            name = type(error).__name__
            said = error.args[0] if isinstance(error, KeyError) and error.args else error
            raise click.ClickException(
                f"{said}" if name in _SAY_ENOUGH else f"{name}: {said} (WNET_DEBUG=1 shows where)"
            ) from error

    return run


# Errors raised on purpose, with a message that names the file, key or value and what to do.
_SAY_ENOUGH = (
    "BadParameters",
    "DamagedShard",
    "FileNotFoundError",
    "MissingWeights",
    "ProcessEnded",
    "TrainingDiverged",
    "ValueError",
    "VanishingFace",
)
