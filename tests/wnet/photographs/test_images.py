"""Every kind of photograph becomes upright 8-bit RGB, and other files give a clear message."""

import io

import numpy as np
import pytest
from PIL import Image

from wnet.photographs.images import OversizedImage, UnreadableImage, decode

LIMIT = 1_000_000


@pytest.fixture
def picture() -> np.ndarray:
    """A picture whose four corners differ: red, green, blue, white."""
    corners = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
    return corners.repeat(12, axis=0).repeat(16, axis=1)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "GIF"])
def test_lossless_kinds_give_the_same_pixels(picture, kind):
    np.testing.assert_array_equal(decode(encoded(Image.fromarray(picture), kind), LIMIT), picture)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_comes_upright(picture, orientation):
    upright = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, 1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(Image.fromarray(picture), "PNG", exif=exif)
    np.testing.assert_array_equal(decode(data, LIMIT), upright(picture))


def test_sixteen_bits_are_scaled_and_not_clipped():
    levels = np.arange(256, dtype=np.uint16).reshape(16, 16)
    data = encoded(Image.fromarray(levels * 257), "PNG")
    np.testing.assert_array_equal(decode(data, LIMIT)[..., 0], levels)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(picture, mode):
    image = Image.fromarray(picture).convert(mode)
    decoded = decode(encoded(image, "TIFF" if mode == "CMYK" else "PNG"), LIMIT)
    np.testing.assert_array_equal(decoded, np.asarray(image.convert("RGB")))
    assert decoded.dtype == np.uint8


def test_the_first_frame_of_an_animation_is_taken(picture):
    second = Image.fromarray(255 - picture)
    data = encoded(Image.fromarray(picture), "GIF", save_all=True, append_images=[second])
    np.testing.assert_array_equal(decode(data, LIMIT), picture)


def test_too_many_declared_pixels_are_refused_before_decoding(picture):
    whole = encoded(Image.fromarray(picture), "PNG")
    header_only = whole[:45]  # up to the first pixels
    with pytest.raises(OversizedImage, match=r"declares 32 x 24 pixels, more than 767"):
        decode(header_only, 767)


@pytest.mark.parametrize("size", [(65_536, 1), (1, 65_536)])
def test_a_line_of_pixels_is_refused(size):
    """Resizing a picture a million times longer than wide would take all memory."""
    with pytest.raises(OversizedImage, match="a side of 65536 pixels, over 65535"):
        decode(encoded(Image.new("L", size), "PNG"), LIMIT)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"])
def test_a_file_that_is_not_an_image_is_unreadable(data):
    with pytest.raises(UnreadableImage):
        decode(data, LIMIT)


def test_a_truncated_photograph_is_unreadable(random):
    noise = Image.fromarray(random.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    for kind in ("JPEG", "PNG", "WEBP", "BMP"):
        data = encoded(noise, kind)
        with pytest.raises(UnreadableImage):
            decode(data[: len(data) // 2], LIMIT)


def test_formats_that_start_programs_are_not_opened():
    with pytest.raises(UnreadableImage):
        decode(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", LIMIT)
