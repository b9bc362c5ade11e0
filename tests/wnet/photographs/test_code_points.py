"""Colour spaces named by numbers in PNG and AVIF are converted like those of a profile."""

import io
import struct
import zlib

import numpy as np
import pytest
from icc_profiles import DISPLAY_P3, matrix_profile
from PIL import Image

from wnet.photographs.images import NoDecoder, UnreadableImage, decode

LIMIT = 1_000_000
SRGB, BT2020, P3 = 1, 9, 12  # primaries of H.273
CURVE, PQ, HLG = 13, 16, 18  # transfer functions; the first is sRGB's


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(image: Image.Image, primaries: int, transfer: int, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG", **options)
    data, end = file.getvalue(), 33  # of the first chunk
    return data[:end] + chunk(b"cICP", bytes((primaries, transfer, 0, 1))) + data[end:]


def avif(image: Image.Image, primaries: int, transfer: int, **options) -> bytes:
    """As Pillow writes it, which names sRGB, with other numbers."""
    file = io.BytesIO()
    image.save(file, "AVIF", quality=100, subsampling="4:4:4", **options)
    before, named = b"colrnclx" + struct.pack(">HH", SRGB, CURVE), b"colrnclx"
    assert before in file.getvalue()
    return file.getvalue().replace(before, named + struct.pack(">HH", primaries, transfer))


@pytest.fixture
def picture(random) -> Image.Image:
    return Image.fromarray(random.integers(0, 256, (24, 32, 3), np.uint8))


@pytest.mark.parametrize("write", [png, avif])
def test_display_p3_is_converted_as_by_its_profile(picture, write):
    profile = matrix_profile(DISPLAY_P3, "srgb")
    file = io.BytesIO()
    picture.save(file, "PNG", icc_profile=profile)
    by_profile = decode(file.getvalue(), LIMIT).astype(int)
    # Pixels of an AVIF differ from the picture's by a level or two.
    plain = np.abs(decode(write(picture, SRGB, CURVE), LIMIT).astype(int) - np.asarray(picture))
    difference = np.abs(decode(write(picture, P3, CURVE), LIMIT) - by_profile)
    assert np.median(difference) <= 1
    assert difference.mean() <= plain.mean() + 1
    assert np.abs(by_profile - np.asarray(picture)).mean() > 3


@pytest.mark.parametrize("primaries", [P3, BT2020])
def test_greys_stay_as_they_are(primaries):
    grey = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).convert("RGB")
    made = decode(png(grey, primaries, CURVE), LIMIT).astype(int)
    assert np.abs(made - np.asarray(grey)).max() <= 1


@pytest.mark.parametrize("write", [png, avif])
@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_hdr_is_refused(picture, write, transfer):
    with pytest.raises(NoDecoder, match="save it in sRGB"):
        decode(write(picture, BT2020, transfer), LIMIT)


def test_numbers_count_before_a_profile_in_png_and_after_it_elsewhere(picture):
    options = {"icc_profile": matrix_profile(DISPLAY_P3, "srgb")}
    np.testing.assert_array_equal(decode(png(picture, SRGB, CURVE, **options), LIMIT), picture)
    file = io.BytesIO()
    picture.save(file, "AVIF", quality=100, subsampling="4:4:4", **options)
    assert decode(file.getvalue(), LIMIT).shape == (24, 32, 3)


def test_numbers_stay_where_other_metadata_are_damaged(picture):
    whole = png(picture, P3, CURVE)
    text = bytearray(chunk(b"tEXt", b"a\0b"))
    text[-1] ^= 1
    damaged = whole[:33] + bytes(text) + whole[33:]
    np.testing.assert_array_equal(decode(damaged, LIMIT), decode(whole, LIMIT))
    with pytest.raises(UnreadableImage):
        decode(whole[:42], LIMIT)  # they are cut off
