"""Decoding of photographs in a separate process with limits on memory and time.

Decoders are C code written for well-formed files. A file that makes them crash, compute for hours
or allocate all memory ends only this process, and the photograph is rejected.
"""

import os
import resource
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO, TypeVar

import numpy as np
from PIL import Image

from wnet.photographs.handover import Receiver, Sender
from wnet.photographs.images import decode
from wnet.photographs.refusals import NoDecoder, OversizedImage, UnreadableImage

Photograph = TypeVar("Photograph")

_MEGABYTE = 1_000_000
_LENGTH = struct.Struct("<Q")  # length of a photograph, whose bytes follow
_ANSWER = struct.Struct("<cQQ")  # a picture's height and width, or a message's length; it follows
_PICTURE = b"p"
_FILLED = b"."  # a piece of a picture is ready
_REFUSED = {b"u": UnreadableImage, b"o": OversizedImage, b"d": NoDecoder}
# glibc keeps the memory of a picture of up to 8 million pixels for the next one, instead of having
# the system map and clear it each time.
_KEEPING_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(64 << 20)}
_OWN_FAULTS = ("SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGABRT")


@dataclass(frozen=True)
class Bounds:
    """The limits for one photograph, from the largest allowed number of pixels.

    Well-formed photographs stay below them: 16 bits in four channels are 8 bytes per pixel, and
    Pillow's copies on the way to RGB another 16.
    """

    max_pixels: int

    @property
    def bytes(self) -> int:
        return 16 * _MEGABYTE + 8 * self.max_pixels

    @property
    def memory(self) -> int:
        """Bytes that decoding may add to the process."""
        return 512 * _MEGABYTE + 32 * self.max_pixels

    @property
    def seconds(self) -> int:
        """Seconds of CPU time, not of the clock: a busy machine rejects no more than an idle
        one."""
        return 10 + self.max_pixels // _MEGABYTE


class Decoder:
    """`images.decode` in another process, which is restarted if a photograph ended it."""

    def __init__(self, max_pixels: int):
        self.bounds = Bounds(max_pixels)
        self._process: subprocess.Popen | None = None
        self._pixels: Receiver | None = None

    def decode(self, data: bytes) -> np.ndarray:
        """As `images.decode`. Raises RuntimeError if the process ended for another reason."""
        (made,) = self.decode_all([data], lambda given: given)
        if isinstance(made, UnreadableImage):
            raise made
        return made

    def decode_all(
        self, photographs: Sequence[Photograph], read: Callable[[Photograph], bytes]
    ) -> Iterator[np.ndarray | UnreadableImage]:
        """Decode the photographs in order; yields each one, or why it cannot be decoded.

        `read` is called in a thread, and the process decodes, while the caller works on earlier
        results; a pipe of a megabyte and the shared memory limit how far ahead they get. Exceptions
        of `read` other than UnreadableImage are raised here, and RuntimeError if the process ended
        for a reason other than a photograph.
        """
        done = 0
        try:
            while done < len(photographs):
                for made in self._answers(photographs[done:], read):
                    done += 1
                    yield made
        except (
            BaseException
        ):  # answers still on their way would be mistaken for those to the next request
            if self._process:
                self._process.kill()
                self._ended()
            raise

    def _answers(
        self, photographs: Sequence[Photograph], read: Callable[[Photograph], bytes]
    ) -> Iterator[np.ndarray | UnreadableImage]:
        """The answers up to the last photograph, or the first that ends the process."""
        if self._process is None:
            self._pixels = Receiver()
            self._process = _start(self.bounds.max_pixels, self._pixels)
        asked: SimpleQueue[Exception | None] = SimpleQueue()
        asking = Thread(
            target=_ask, args=(self._process.stdin, photographs, read, asked), daemon=True
        )
        asking.start()
        for _ in photographs:
            unread = asked.get()
            if isinstance(unread, UnreadableImage):
                yield unread
                continue
            if unread:
                raise unread
            try:
                made = _received(self._process.stdout, self._pixels)
            except EOFError:
                made = self._ended()
                asking.join()
                if isinstance(made, UnreadableImage):
                    yield made
                    return
                raise made from None
            yield made
        asking.join()

    def _ended(self) -> Exception:
        """The reason why the process ended."""
        self._process.stdout.close()
        code, self._process = self._process.wait(), None
        if code == -signal.SIGXCPU:
            return UnreadableImage(f"takes more than {self.bounds.seconds} s of computing")
        end = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        if end in _OWN_FAULTS:
            return UnreadableImage(f"the decoder crashed ({end})")
        return RuntimeError(f"the decoding process ended with {end}; the same command resumes")


@lru_cache(maxsize=1)
def decoder(max_pixels: int) -> Decoder:
    """The Decoder of this process, cached."""
    return Decoder(max_pixels)


def _start(max_pixels: int, pixels: Receiver) -> subprocess.Popen:
    shared = pixels.descriptors
    process = subprocess.Popen(
        [sys.executable, "-m", "wnet.photographs.decoder", *map(str, (max_pixels, *shared))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # libtiff writes its warnings there
        pipesize=1 << 20,
        pass_fds=shared,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "OPENBLAS_NUM_THREADS": "1",
            **_KEEPING_MEMORY,
        },
    )
    pixels.close_theirs()
    return process


def _ask(
    sink: BinaryIO,
    photographs: Sequence[Photograph],
    read: Callable[[Photograph], bytes],
    asked: SimpleQueue,
) -> None:
    """Send photographs until the other side ends; `asked` gets None for each, or why it was not
    sent."""
    for photograph in photographs:
        try:
            data = read(photograph)
        except Exception as error:  # raised again by the thread that waits for an answer
            asked.put(error)
            continue
        asked.put(None)
        try:
            sink.write(_LENGTH.pack(len(data)))
            sink.write(data)
            sink.flush()
        except (
            OSError,
            ValueError,
        ):  # the process has ended; the thread that waits for its answer notices
            return


def _received(source: BinaryIO, pixels: Receiver) -> np.ndarray | UnreadableImage:
    kind, *counts = _ANSWER.unpack(_exactly(source, bytearray(_ANSWER.size)))
    if kind == _PICTURE:
        picture = np.empty((*counts, 3), np.uint8)
        pixels.receive(picture, lambda: _exactly(source, bytearray(len(_FILLED))))
        return picture
    return _REFUSED[kind](_exactly(source, bytearray(counts[0])).decode())


def _exactly(source: BinaryIO, into):
    """Fill a buffer; raises EOFError if the other side ends first."""
    rest = memoryview(into)
    while rest:
        count = source.readinto(rest)
        if not count:
            raise EOFError
        rest = rest[count:]
    return into


def _serve(bounds: Bounds, pixels: Sender) -> None:
    """Answer until the other side closes; Ctrl-C is handled there."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_AS, _address_space() + bounds.memory)
    Image.MAX_IMAGE_PIXELS = None  # Pillow has its own limit; ours is in params.yaml
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while length := source.read(_LENGTH.size):
        used = resource.getrusage(resource.RUSAGE_SELF)
        _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + bounds.seconds)
        _answer(source.read(*_LENGTH.unpack(length)), bounds.max_pixels, sink, pixels)
        sink.flush()


def _answer(data: bytes, max_pixels: int, sink: BinaryIO, pixels: Sender) -> None:
    try:
        picture = np.ascontiguousarray(decode(data, max_pixels))
    except UnreadableImage as error:
        kind = next(kind for kind, refusal in _REFUSED.items() if type(error) is refusal)
        word = str(error).encode("utf-8", "backslashreplace")
        sink.write(_ANSWER.pack(kind, len(word), 0) + word)
        return
    sink.write(_ANSWER.pack(_PICTURE, *picture.shape[:2]))
    pixels.send(picture, lambda: _said(sink, _FILLED))


def _said(sink: BinaryIO, word: bytes) -> None:
    sink.write(word)
    sink.flush()


def _lower(limit: int, soft: int) -> None:
    """Set a soft limit, as far as the hard limit allows."""
    hard = resource.getrlimit(limit)[1]
    resource.setrlimit(limit, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _address_space() -> int:
    import psutil

    return psutil.Process().memory_info().vms


if __name__ == "__main__":
    limit, *shared = map(int, sys.argv[1:])
    _serve(Bounds(limit), Sender(*shared))
