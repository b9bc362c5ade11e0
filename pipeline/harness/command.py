"""A stage's command line: one run at a time, and errors as one line that says what to do."""

import hashlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

import click

from pipeline.harness import environment, locks, scratch

_EPILOG = """
A stage of dvc.yaml: `dvc repro` gives it these paths and runs it when its inputs, code or keys of
params.yaml change. Run it by hand to debug it; after a kill it resumes where it left off.

Exit codes: 0, the outputs are whole; 1, they are unchanged, and standard error says why in a
line or two (WNET_DEBUG=1 shows where); 2, the arguments are invalid; 130 and 143, stopped
by Ctrl-C or SIGTERM.
"""


def stage_command(function: Callable) -> click.Command:
    """Make a click command from a stage's function, with `plain_errors`.

    A second run of the same command waits for the first, since a stage can outlive a killed DVC.
    """
    stage = Path(function.__code__.co_filename).stem

    @wraps(function)
    def run(**arguments):
        for line in environment.unknown():
            click.echo(line, err=True)
        asked = repr(sorted(arguments.items())) + os.environ.get("RANK", "")
        with locks.exclusive(f"{stage}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"):
            scratch.drop_recorded()
            return function(**arguments)

    return click.command(epilog=_EPILOG)(plain_errors(run))


def plain_errors(function: Callable) -> Callable:
    """Report errors, Ctrl-C and SIGTERM in one line; WNET_DEBUG=1 shows the traceback."""

    @wraps(function)
    def run(*args, **kwargs):
        try:
            with _interruptible():
                return function(*args, **kwargs)
        except click.ClickException:
            raise
        except KeyboardInterrupt as error:
            number = error.args[0] if error.args else signal.SIGINT
            name = signal.Signals(number).name
            click.echo(f"stopped by {name}: finished work is kept, {_GO_ON}", err=True)
            sys.exit(128 + number)
        except Exception as error:
            if os.environ.get("WNET_DEBUG"):
                raise
            raise click.ClickException(_said(error)) from error

    return run


def _said(error: Exception) -> str:
    name = type(error).__name__
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    said = error.args[0] if isinstance(error, KeyError) and error.args else error
    return f"{said}" if name in _SAY_ENOUGH else f"{name}: {said} (WNET_DEBUG=1 shows where)"


@contextmanager
def _interruptible() -> Iterator[None]:
    """The first SIGINT or SIGTERM raises KeyboardInterrupt with its number; others are ignored."""
    before = {}

    def interrupt(number, frame):
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt(number)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) != signal.SIG_IGN:  # keep nohup's setting
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_GO_ON = "and the same command resumes from there"

# Errors that are raised deliberately, with a message that says what is wrong and what to do.
_SAY_ENOUGH = (
    "BadParameters",
    "CannotWrite",
    "DamagedCheckpoint",
    "DamagedShard",
    "FileNotFoundError",
    "LookupError",
    "MissingWeights",
    "ProcessEnded",
    "TrainingDiverged",
    "ValueError",
    "VanishingFace",
)
