"""Grey pictures of any number of bits, with white at either end, become 8 bits; others are
refused."""

import struct
import zlib
from zlib import crc32

import numpy as np
import pytest

from wnet.photographs.images import UnreadableImage, decode

LIMIT = 1_000_000
GREY = np.arange(256).reshape(16, 16)
UNSIGNED, SIGNED = 1, 2
WHITE_IS_ZERO, BLACK_IS_ZERO = 0, 1


def tiff(pixels: bytes, bits: int, photometric: int, sample: int = UNSIGNED) -> bytes:
    """A grey TIFF of 16 x 16 pixels, by its specification."""
    tags = {
        **{256: 16, 257: 16, 258: bits, 259: 1, 262: photometric, 273: 8},
        **{277: 1, 278: 16, 279: len(pixels), 339: sample},
    }
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    end = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels + end


def twelve_bits(levels: np.ndarray) -> bytes:
    """Two numbers in three bytes."""
    one, other = levels.ravel()[::2], levels.ravel()[1::2]
    return np.stack([one >> 4, (one & 15) << 4 | other >> 8, other & 255], 1).astype("u1").tobytes()


@pytest.mark.parametrize(
    ("pixels", "bits", "photometric"),
    [
        (GREY.astype("<u1"), 8, BLACK_IS_ZERO),
        ((255 - GREY).astype("<u1"), 8, WHITE_IS_ZERO),
        ((257 * GREY).astype("<u2"), 16, BLACK_IS_ZERO),
        ((65535 - 257 * GREY).astype("<u2"), 16, WHITE_IS_ZERO),
    ],
)
def test_white_is_at_the_end_that_the_file_names(pixels, bits, photometric):
    made = decode(tiff(pixels.tobytes(), bits, photometric), LIMIT)
    np.testing.assert_array_equal(made, np.stack([GREY] * 3, -1))


def test_twelve_bits_have_their_own_white():
    levels = np.rint(GREY * 4095 / 255).astype(int)
    made = decode(tiff(twelve_bits(levels), 12, BLACK_IS_ZERO), LIMIT)
    np.testing.assert_array_equal(made[..., 0], GREY)


@pytest.mark.parametrize(
    ("pixels", "bits", "sample"),
    [
        ((257 * GREY - 32768).astype("<i2"), 16, SIGNED),
        ((GREY * 8_421_504).astype("<i4"), 32, SIGNED),
        ((GREY * 16_843_009).astype("<u4"), 32, UNSIGNED),
    ],
)
def test_numbers_without_a_known_white_are_refused_and_not_clipped(pixels, bits, sample):
    with pytest.raises(UnreadableImage, match="without a known white"):
        decode(tiff(pixels.tobytes(), bits, BLACK_IS_ZERO, sample), LIMIT)


def rgb_tiff(pixels: np.ndarray, planes: int = 1) -> bytes:
    """An RGB TIFF of 16 bits, by its specification: (16, 16, 3) interleaved or (3, 16, 16)."""
    content = pixels.astype("<u2").tobytes()
    bits = struct.pack("<3H", 16, 16, 16)
    places = [14 + len(content) // 3 * plane for plane in range(3)]
    lengths = struct.pack("<3I", *[len(content) // 3] * 3)
    strips = struct.pack("<3I", *places)
    at = 14 + len(content)
    many = planes == 2
    tags = [
        *((256, 4, 1, 16), (257, 4, 1, 16), (258, 3, 3, 8), (259, 3, 1, 1), (262, 3, 1, 2)),
        (273, 4, 3 if many else 1, at if many else 14),
        *((277, 3, 1, 3), (278, 4, 1, 16)),
        (279, 4, 3 if many else 1, at + 12 if many else len(content)),
        (284, 3, 1, planes),
    ]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    start = b"II*\0" + struct.pack("<I", at + 24) + bits
    return start + content + strips + lengths + struct.pack("<H", len(tags)) + entries + bytes(4)


COLOURS = np.stack([GREY, 255 - GREY, GREY // 2], -1)


def png(pixels: np.ndarray) -> bytes:
    """A PNG of 16 bits, grey or RGB, by its specification."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", 16, 16, 16, 2 if pixels.ndim == 3 else 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc32(kind + content))
        for kind, content in chunks
    )


@pytest.mark.parametrize("form", ["png", "tiff"])
@pytest.mark.parametrize("pixels", [GREY, COLOURS])
@pytest.mark.parametrize("factor", [1, 4, 16, 60])
def test_fewer_bits_in_sixteen_are_refused_and_not_nearly_black(pixels, form, factor):
    encode = png if form == "png" else rgb_tiff if pixels.ndim == 3 else _grey
    np.testing.assert_array_equal(
        decode(encode(pixels * 257), LIMIT), pixels if pixels.ndim == 3 else np.stack([GREY] * 3, 2)
    )
    with pytest.raises(UnreadableImage, match=r"16 bits end at .* Scale them to 16 bits"):
        decode(encode(pixels * factor), LIMIT)


def _grey(pixels: np.ndarray) -> bytes:
    return tiff(pixels.astype("<u2").tobytes(), 16, BLACK_IS_ZERO)


def test_a_dark_photograph_of_sixteen_bits_is_read():
    np.testing.assert_array_equal(
        decode(png(GREY * 85), LIMIT)[..., 0], (255 * 85 * GREY + 32767) // 65535
    )


def test_sixteen_bits_in_planes_are_refused_and_not_read_as_eight():
    with pytest.raises(UnreadableImage, match="separate planes: save it interleaved"):
        decode(rgb_tiff(np.moveaxis(COLOURS * 257, 2, 0), planes=2), LIMIT)


def test_signed_bytes_are_refused():
    with pytest.raises(UnreadableImage, match="signed numbers without a known white"):
        decode(tiff((GREY // 2).astype("i1").tobytes(), 8, BLACK_IS_ZERO, SIGNED), LIMIT)
