"""Locks on a stage's work; a lock is released when its process ends, even if it is killed."""

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
from wnet.files.atomic import writing


class ClaimLost(Exception):
    """Raised when a worker starts a block for a stage that has ended and whose work another run has
    taken over."""


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Hold the lock of that name; if another process holds it, say so and wait."""
    with _lock_file(name) as lock:
        if not _taken(lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
            click.echo(f"{name} runs in another process; waiting for its end", err=True)
            _taken(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def try_lock(name: str) -> Iterator[bool]:
    """Try to hold the lock of that name; yields whether it succeeded."""
    with _lock_file(name) as lock:
        yield _taken(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@dataclass(frozen=True)
class Claim:
    """Permission for a stage's blocks to start, in any process.

    Worker processes outlive a killed stage: joblib's for a moment, a Dask worker indefinitely. The
    file contains the claim of the latest run.
    """

    path: Path
    token: str

    def do(self, work: Callable, block: object) -> object:
        """Work on a block; raises ClaimLost if the stage that sent it has ended."""
        with self.path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            if file.read() != self.token.encode():
                raise ClaimLost(f"{self.path}: another run has taken over")
            return work(block)


_CLAIM: ContextVar[Claim | None] = ContextVar("claim", default=None)


@contextmanager
def claimed(name: str) -> Iterator[None]:
    """Take over the work of that name, after waiting for the blocks that an earlier run has
    started."""
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
    """The claim of the stage in this process; None outside of a workspace."""
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
