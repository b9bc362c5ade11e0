"""Who may work on what, among processes that may be killed: a lock ends with its process."""

import fcntl
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import click

from pipeline.harness import environment
from wnet.files.whole import writing


class ClaimLost(Exception):
    """A block of work whose stage has ended, and another taken its place, may not be begun."""


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Be the only process in the work of that name; wait, and say so, while another is."""
    with _lock_file(name) as lock:
        if not _taken(lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
            click.echo(f"{name} runs in another process; waiting for its end", err=True)
            _taken(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def unless_taken(name: str) -> Iterator[bool]:
    """Whether no process is in the work of that name; if so, none begins it meanwhile."""
    with _lock_file(name) as lock:
        yield _taken(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@dataclass(frozen=True)
class Claim:
    """What blocks of work show before they begin, in whatever process they are done.

    The processes of a killed stage outlive it: those of joblib for a moment, a worker of Dask for
    good. The file holds the claim of the stage that came last.
    """

    path: Path
    token: str

    def do(self, work: Callable, block: object) -> object:
        """Work on a block; raises ClaimLost where the stage that sent it is no more."""
        with self.path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            if file.read() != self.token.encode():
                raise ClaimLost(f"{self.path}: another run has taken over")
            return work(block)


_CLAIM: ContextVar[Claim | None] = ContextVar("claim", default=None)


@contextmanager
def claimed(name: str) -> Iterator[None]:
    """Take over the work of that name: waits for the blocks that an earlier run has begun."""
    claim = Claim(environment.scratch() / f"{name}.claim", secrets.token_hex(16))
    with claim.path.open("a+b") as file:
        if not _taken(file, fcntl.LOCK_EX | fcntl.LOCK_NB):
            click.echo(f"{name}: a killed run's processes finish their blocks; waiting", err=True)
            _taken(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(claim.token.encode())
        file.flush()
        fcntl.flock(file, fcntl.LOCK_UN)
    reset = _CLAIM.set(claim)
    try:
        yield
    finally:
        _CLAIM.reset(reset)


def current_claim() -> Claim | None:
    """The claim under which this process works; None outside of a workspace."""
    return _CLAIM.get()


@contextmanager
def _lock_file(name: str) -> Iterator[IO]:
    root = environment.scratch()
    with writing(root):
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / f"{name}.lock").open("a")
    with lock:
        yield lock


def _taken(file: IO, how: int) -> bool:
    try:
        fcntl.flock(file, how)
    except BlockingIOError:
        return False
    return True
