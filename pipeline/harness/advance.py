"""The number of finished faces in each block, shared by the processes that work on the blocks and
the one that draws the progress bar.

It is a file with one number per block, beside the stage's claim in the scratch folder, which other
machines share too. It only affects the bar: if it cannot be written, the bar moves by whole blocks.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

_NUMBER = np.dtype("<i8")
_RESUMED = -1  # the whole block was finished by an earlier run
_PAUSE = 0.5  # seconds between updates


@dataclass
class _Place:
    """The position in the file of the block that this process works on."""

    file: int
    block: int
    done: int = 0

    def write(self, number: int) -> None:
        with suppress(OSError):
            os.pwrite(self.file, _NUMBER.type(number).tobytes(), self.block * _NUMBER.itemsize)


_PLACE: ContextVar[_Place | None] = ContextVar("place", default=None)


def advance(faces: int = 1) -> None:
    """Report that this many more faces of the block are finished."""
    if place := _PLACE.get():
        place.done += faces
        place.write(place.done)


def resumed() -> None:
    """Report that an earlier run finished the block; it does not count in the rate."""
    if place := _PLACE.get():
        place.write(_RESUMED)


@contextmanager
def working_on(path: Path | None, block: int) -> Iterator[None]:
    """Make `advance` and `resumed` write to the number of this block in the file."""
    try:
        file = os.open(path, os.O_WRONLY) if path else None
    except OSError:
        file = None
    before = _PLACE.set(None if file is None else _Place(file, block))
    try:
        yield
    finally:
        _PLACE.reset(before)
        if file is not None:
            os.close(file)


class Advance:
    """A progress bar that follows the file while blocks are being worked on.

    path: the file, which is created; None if there is no scratch folder. sizes: the number of faces
    in each block.
    """

    def __init__(self, bar: tqdm, path: Path | None, sizes: Sequence[int]):
        self._bar, self._sizes, self._finished = bar, np.array(sizes, np.int64), 0
        self._path, self._file = path, None
        if path:
            with suppress(OSError):
                self._file = path.open("w+b", buffering=0)

    def finished(self) -> None:
        """Report that one more block is finished, in order."""
        self._finished += 1

    def draw(self) -> None:
        """Move the bar to the current total."""
        done = np.zeros_like(self._sizes)
        if self._file:
            written = np.frombuffer(os.pread(self._file.fileno(), done.nbytes, 0), _NUMBER)
            done[: len(written)] = written
        before = int(self._sizes[done == _RESUMED].sum()) - self._bar.initial
        if before > 0:
            self._bar.initial += before
            self._bar.n += before
            self._bar.last_print_n += before
        done = np.where(done == _RESUMED, self._sizes, np.minimum(done, self._sizes))
        done[: self._finished] = self._sizes[: self._finished]
        self._bar.update(int(done.sum()) - self._bar.n)

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """Draw twice a second, and at the end."""
        ended = threading.Event()

        def follow() -> None:
            while not ended.wait(_PAUSE):
                self.draw()

        follower = threading.Thread(target=follow, daemon=True)
        follower.start()
        try:
            yield
        finally:
            ended.set()
            follower.join()
            self.draw()
            if self._file:
                self._file.close()
                self._path.unlink(missing_ok=True)
