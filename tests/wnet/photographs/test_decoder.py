"""The decoding process: it returns what `decode` returns, within limits of memory and time."""

import os
import signal
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from odd_images import encoded, png_chunks, png_of, whole_pictures
from PIL import Image

from wnet.photographs.decoder import Decoder
from wnet.photographs.images import OversizedImage, UnreadableImage, decode

WHOLE = whole_pictures()
FEW_PIXELS = 10_000


@pytest.fixture
def decoder():
    made = Decoder(FEW_PIXELS)
    yield made
    ended(made)


def ended(made: Decoder) -> None:
    if made._process:
        made._process.stdin.close()
        made._process.stdout.close()
        made._process.wait()


def test_the_other_process_answers_as_this_one_would(decoder):
    for name, data in WHOLE.items():
        np.testing.assert_array_equal(decoder.decode(data), decode(data, FEW_PIXELS), name)
    header = struct.pack(">II", 60_000, 60_000) + b"\x08\x02\0\0\0"
    with pytest.raises(OversizedImage, match=r"declares 60000 x 60000 pixels, more than 10000"):
        decoder.decode(png_of([(b"IHDR", header), (b"IDAT", b"")]))
    with pytest.raises(UnreadableImage, match="known format"):
        decoder.decode(b"text")


def wide_webp(side: int) -> bytes:
    """A WebP of three kilobytes that needs two canvases of side x side x 4 bytes."""
    data = bytearray(WHOLE["webp lossless"])
    data[24:30] = 2 * (side - 1).to_bytes(3, "little")
    return bytes(data)


def most(decoder: Decoder, what: str) -> int:
    """The most bytes that the process has used: VmPeak of addresses, VmHWM of memory."""
    status = Path(f"/proc/{decoder._process.pid}/status").read_text()
    return 1024 * next(int(line.split()[1]) for line in status.split("\n") if what in line)


INFLATING = {b"zTXt": b"word\0\0", b"iTXt": b"word\0\1\0\0\0", b"iCCP": b"icc\0\0", b"IDAT": b""}


@pytest.mark.parametrize("kind", INFLATING)
def test_decompression_is_limited(decoder, kind):
    """60 kB that decompress to 60 MB: in a text, in a colour profile, and after the last pixel."""
    header, *others = (chunk for chunk in png_chunks(WHOLE["png"]) if chunk[0] != kind)
    decoder.decode(WHOLE["png"])
    before = most(decoder, "VmHWM")
    bomb = kind, INFLATING[kind] + zlib.compress(bytes(60_000_000))
    word = ""
    try:
        picture = decoder.decode(png_of([header, bomb, *others]))
    except UnreadableImage as error:
        word = str(error)
    assert "too large" in word or picture.shape == (24, 16, 3)
    assert most(decoder, "VmHWM") - before < 20_000_000


def test_only_the_first_of_many_frames_is_read(decoder):
    frames = [Image.new("L", (40, 40), number % 256) for number in range(300)]
    for kind in ("GIF", "TIFF"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        assert not decoder.decode(data).any()
    assert most(decoder, "VmHWM") < 100_000_000


def test_memory_is_limited(decoder):
    with pytest.raises(UnreadableImage):
        decoder.decode(wide_webp(12_000))
    assert most(decoder, "VmPeak") < decoder.bounds.memory + 200_000_000 < 2 * 12_000**2 * 4
    with pytest.raises(OversizedImage, match="declares 3000 x 3000 pixels"):
        decoder.decode(wide_webp(3000))
    assert decoder.decode(WHOLE["jpeg"]).shape == (24, 16, 3)


def test_a_photograph_that_needs_too_much_memory_is_oversized(monkeypatch):
    def none_left(*args, **options):
        raise MemoryError

    monkeypatch.setattr("wnet.photographs.images.Image.open", none_left)
    with pytest.raises(OversizedImage, match="needs more memory than a photograph may use"):
        decode(WHOLE["png"], FEW_PIXELS)


@pytest.mark.slow
def test_time_is_limited():
    """A progressive JPEG of 4 MB whose 300,000 scans each pass over a million pixels."""
    decoder = Decoder(1_000_000)
    gray = Image.fromarray(np.full((1000, 1000), 90, np.uint8))
    whole = encoded(gray, "JPEG", progressive=True)
    scan = whole[whole.rindex(b"\xff\xda") : -2]
    with pytest.raises(UnreadableImage, match="takes more than 11 s of computing"):
        decoder.decode(whole[:-2] + scan * 300_000 + whole[-2:])
    assert decoder.decode(whole).shape == (1000, 1000, 3)
    ended(decoder)


def test_a_crash_of_the_decoder_rejects_the_photograph_and_a_kill_does_not(decoder):
    decoder.decode(WHOLE["png"])
    os.kill(decoder._process.pid, signal.SIGSEGV)
    with pytest.raises(UnreadableImage, match=r"the decoder crashed \(SIGSEGV\)"):
        decoder.decode(WHOLE["png"])
    assert decoder.decode(WHOLE["gif"]).shape == (16, 24, 3)
    os.kill(decoder._process.pid, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="SIGKILL; the same command resumes"):
        decoder.decode(WHOLE["png"])


def test_an_abandoned_answer_is_not_mistaken_for_another(decoder, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("wnet.photographs.decoder._exactly", interrupted)
        with pytest.raises(KeyboardInterrupt):
            decoder.decode(WHOLE["png"])
    np.testing.assert_array_equal(decoder.decode(WHOLE["bmp"]), decode(WHOLE["bmp"], FEW_PIXELS))
