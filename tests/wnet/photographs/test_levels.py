"""Grey pictures of any number of bits, white at either end, become 8 bits; the rest is refused."""

import struct

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
def test_numbers_whose_white_nobody_knows_are_refused_and_not_clipped(pixels, bits, sample):
    with pytest.raises(UnreadableImage, match="without a known white"):
        decode(tiff(pixels.tobytes(), bits, BLACK_IS_ZERO, sample), LIMIT)
