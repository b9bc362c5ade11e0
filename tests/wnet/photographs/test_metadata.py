"""Damaged metadata: the pixels are still read, upright and in their colours."""

import numpy as np
import pytest
from odd_images import PNG, encoded, png_chunks, png_of
from PIL import Image, ImageCms, PngImagePlugin

from wnet.photographs.images import UnreadableImage, decode
from wnet.photographs.metadata import without_metadata

LIMIT = 1_000_000
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture
def picture(random):
    return random.integers(0, 256, (16, 24, 3), dtype=np.uint8)


def turned():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    return exif


def whole_png(picture) -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "word" * 9)
    text.add_text("Title", "word" * 9, zip=True)
    text.add_itxt("XML:com.adobe.xmp", "<x/>")
    options = {"exif": turned(), "icc_profile": SRGB, "pnginfo": text, "dpi": (72, 72)}
    return encoded(Image.fromarray(picture), "PNG", **options)


KINDS = [b"iCCP", b"tEXt", b"zTXt", b"iTXt", b"pHYs", b"eXIf"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_png_is_read_whatever_is_wrong_in_a_chunk_beside_its_pixels(picture, kind, random):
    data = whole_png(picture)
    upright = np.rot90(picture, -1)
    np.testing.assert_array_equal(decode(data, LIMIT), upright)
    start = data.index(kind) + 4
    length = int.from_bytes(data[start - 8 : start - 4], "big")
    flipped = bytearray(data)
    flipped[start + length] ^= 1  # in its checksum
    as_it_is = picture if kind == b"eXIf" else upright
    np.testing.assert_array_equal(decode(bytes(flipped), LIMIT), as_it_is)
    for _ in range(40):  # nonsense under a right checksum
        nonsense = random.integers(0, 256, random.integers(0, 40), dtype=np.uint8).tobytes()
        chunks = [(name, nonsense if name == kind else old) for name, old in png_chunks(data)]
        np.testing.assert_array_equal(decode(png_of(chunks), LIMIT), as_it_is)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF"])
def test_invalid_exif_affects_no_pixel(picture, kind, random):
    options = {"WEBP": {"lossless": True}}.get(kind, {})
    data = encoded(Image.fromarray(picture), kind, exif=turned(), **options)
    plain = decode(encoded(Image.fromarray(picture), kind, **options), LIMIT)
    start = data.index(turned().tobytes()[6:14])
    for _ in range(40):
        broken = bytearray(data)
        broken[start : start + 8] = random.integers(0, 256, 8, dtype=np.uint8).tobytes()
        decoded = decode(bytes(broken), LIMIT)
        right = decoded if decoded.shape == plain.shape else np.rot90(decoded)
        np.testing.assert_array_equal(right, plain)


def test_the_last_chunk_of_a_webp_may_be_cut_off(picture):
    data = encoded(Image.fromarray(picture), "WEBP", lossless=True, exif=turned())
    np.testing.assert_array_equal(decode(data[:-9], LIMIT), picture)


def test_segments_of_a_jpeg_that_say_nothing_of_pixels_are_left_out(picture):
    image = Image.fromarray(picture)
    data = encoded(image.convert("CMYK"), "JPEG", exif=turned(), comment=b"word", icc_profile=SRGB)
    bare = without_metadata(data)
    assert b"word" not in bare
    assert b"Exif" in bare
    assert b"Adobe" in bare
    np.testing.assert_array_equal(decode(bare, LIMIT), decode(data, LIMIT))


def test_pixels_that_are_damaged_are_still_refused(picture):
    data = whole_png(picture)
    with pytest.raises(UnreadableImage):
        decode(data[: data.index(b"IDAT") + 20], LIMIT)
    header = data.index(b"IHDR")
    with pytest.raises(UnreadableImage):
        decode(data[: header + 4] + b"\xff" + data[header + 5 :], LIMIT)


def test_other_files_are_unchanged():
    for data in (b"", b"text", PNG, b"\xff\xd8", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP"):
        assert without_metadata(data)[:3] == data[:3]


def test_the_case_of_a_png_with_invalid_exif(real_data):
    case = real_data / "cases/png_bad_exif.png"
    with Image.open(case) as image:
        np.testing.assert_array_equal(decode(case.read_bytes(), LIMIT), np.asarray(image))
