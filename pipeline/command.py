"""A stage's command line: errors that a person can act on in a line, not a traceback."""

import os
from collections.abc import Callable
from functools import wraps

import click

_EPILOG = """
A stage of dvc.yaml: `dvc repro` gives it these paths and runs it when its inputs, code or keys of
params.yaml change. Run it by hand to debug it; killed, it goes on where it was.

Exit codes: 0, the outputs are whole; 1, they are as they were, and standard error says why in a
line or two (WNET_DEBUG=1 shows where); 2, the arguments were not understood.
"""


def stage_command(function: Callable) -> click.Command:
    """Make a click command of a stage, with `plain_errors`."""
    return click.command(epilog=_EPILOG)(plain_errors(function))


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
