"""Transfer of bytes between two processes through shared memory.

The memory is a ring of pieces. A byte in one pipe signals that a piece is filled, a byte in the
other that it may be filled again. So any number of bytes passes through little memory, and the
sender is at most one ring ahead. If either side ends, the other finds its pipe closed.
"""

import mmap
import os
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import Pipe
from typing import BinaryIO

import numpy as np

_PIECES = 32
_BYTES = 8 << 20  # a piece then holds a photograph of 178 x 218 pixels twice
_FREE = b"."


class Receiver:
    """The side that creates the memory and reads bytes from it."""

    def __init__(self):
        self._file = _nameless_file()
        os.ftruncate(self._file.fileno(), _affordable(_BYTES))
        self._pieces = _Pieces(self._file.fileno(), mmap.PROT_READ)
        self._theirs, self._freed = Pipe(duplex=False)

    @property
    def descriptors(self) -> tuple[int, int]:
        """The file descriptors that the other process inherits, for its Sender."""
        return self._file.fileno(), self._theirs.fileno()

    def close_theirs(self) -> None:
        """Close the descriptors that the other process has inherited."""
        self._file.close()
        self._theirs.close()

    def receive(self, into, filled: Callable[[], object]) -> None:
        """Fill a buffer; `filled` waits until the next piece is filled."""
        for piece, part in self._pieces.of(into):
            filled()
            part[:] = piece
            with suppress(BrokenPipeError):  # if more is expected, `filled` notices
                os.write(self._freed.fileno(), _FREE)


class Sender:
    """The side that writes bytes into the memory."""

    def __init__(self, memory: int, freed: int):
        self._pieces = _Pieces(memory, mmap.PROT_READ | mmap.PROT_WRITE)
        self._freed, self._free = freed, _PIECES

    def send(self, data, filled: Callable[[], object]) -> None:
        """Send a buffer, calling `filled` after each piece; raises EOFError if the receiver is
        gone."""
        for piece, part in self._pieces.of(data):
            if not self._free:
                self._free = len(os.read(self._freed, _PIECES))
                if not self._free:
                    raise EOFError
            piece[:] = part
            self._free -= 1
            filled()


class _Pieces:
    """The pieces of the memory, in cyclic order."""

    def __init__(self, file: int, access: int):
        memory = np.frombuffer(mmap.mmap(file, 0, mmap.MAP_SHARED, access), np.uint8)
        self._pieces = memory[: len(memory) // _PIECES * _PIECES].reshape(_PIECES, -1)
        self._next = 0

    def of(self, data) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The parts of a buffer, each with a view of the memory of the same length."""
        rest = np.frombuffer(data, np.uint8)
        length = self._pieces.shape[1]
        for start in range(0, len(rest), length):
            part = rest[start : start + length]
            yield self._pieces[self._next, : len(part)], part
            self._next = (self._next + 1) % _PIECES


def _nameless_file() -> BinaryIO:
    """A file in memory if the system supports it, deleted when no process has it open."""
    if hasattr(os, "memfd_create"):  # Linux; /dev/shm may be smaller than needed in a container
        return os.fdopen(os.memfd_create("handover"), "r+b", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


def _affordable(length: int) -> int:
    """The largest allowed length of a file here (`ulimit -f`), up to `length`."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return length if limit == resource.RLIM_INFINITY else min(length, limit)
