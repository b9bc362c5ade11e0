"""How many faces of each block are done, written by the processes that work on blocks and read by
the one that draws the bar.

It is a file with a number for each block, beside the stage's claim in the scratch folder, which
other machines share too. It only moves a bar: where it cannot be written, the bar moves by blocks.
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
_RESUMED = -1  # the whole block, by an earlier run
_PAUSE = 0.5  # seconds between two looks


@dataclass
class _Place:
    """Where the number of the block that this process works on is."""

    file: int
    block: int
    done: int = 0

    def write(self, number: int) -> None:
        with suppress(OSError):
            os.pwrite(self.file, _NUMBER.type(number).tobytes(), self.block * _NUMBER.itemsize)


_PLACE: ContextVar[_Place | None] = ContextVar("place", default=None)


def advance(faces: int = 1) -> None:
    """So many more faces of the block are done."""
    if place := _PLACE.get():
        place.done += faces
        place.write(place.done)


def resumed() -> None:
    """The block has been done by an earlier run: it counts as done, and not for the rate."""
    if place := _PLACE.get():
        place.write(_RESUMED)


@contextmanager
def working_on(path: Path | None, block: int) -> Iterator[None]:
    """Have `advance` and `resumed` write the number of this block into the file."""
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
    """A bar that follows the file while its blocks are being worked on.

    path: of the file, which is created; None where there is no scratch folder. sizes: faces a
    block.
    """

    def __init__(self, bar: tqdm, path: Path | None, sizes: Sequence[int]):
        self._bar, self._sizes, self._finished = bar, np.array(sizes, np.int64), 0
        self._path, self._file = path, None
        if path:
            with suppress(OSError):
                self._file = path.open("w+b", buffering=0)

    def finished(self) -> None:
        """One more block is done, in their order."""
        self._finished += 1

    def draw(self) -> None:
        """Move the bar to where the blocks are."""
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
