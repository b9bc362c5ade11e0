"""Small pictures in every format that `images.decode` reads, for tests to damage."""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, PngImagePlugin

PNG = b"\x89PNG\r\n\x1a\n"


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def whole_pictures() -> dict[str, bytes]:
    """One picture of each format, 24 x 16 pixels, by the format's name."""
    pixels = np.random.default_rng(3).integers(0, 256, (16, 24, 4), dtype=np.uint8)
    rgba = Image.fromarray(pixels)
    rgb, gray, palette = rgba.convert("RGB"), rgba.convert("L"), rgba.convert("P")
    exif, text = Image.Exif(), PngImagePlugin.PngInfo()
    exif[0x0112] = 6
    text.add_text("Comment", "x" * 200, zip=True)
    more = {"save_all": True, "append_images": [rgb, rgb]}
    return {
        "jpeg": encoded(rgb, "JPEG", exif=exif, icc_profile=b"profile" * 30),
        "jpeg progressive": encoded(rgb, "JPEG", progressive=True),
        "jpeg cmyk": encoded(rgb.convert("CMYK"), "JPEG"),
        "png": encoded(rgba, "PNG", exif=exif, pnginfo=text),
        "png 16": encoded(Image.fromarray(pixels[..., 0].astype(np.uint16) * 257), "PNG"),
        "png palette": encoded(palette, "PNG"),
        "png animated": encoded(rgb, "PNG", **more),
        "bmp": encoded(rgb, "BMP"),
        "bmp palette": encoded(palette, "BMP"),
        "gif": encoded(palette, "GIF", **more, comment=b"word"),
        "webp": encoded(rgb, "WEBP", exif=exif),
        "webp lossless": encoded(rgba, "WEBP", lossless=True, **more),
        "tiff": encoded(rgb, "TIFF", **more),
        "tiff lzw": encoded(rgba, "TIFF", compression="tiff_lzw"),
        "tiff deflate": encoded(gray, "TIFF", compression="tiff_adobe_deflate"),
        "tiff jpeg": encoded(rgb, "TIFF", compression="jpeg"),
        "tiff fax": encoded(rgb.convert("1"), "TIFF", compression="group4"),
        "ppm": encoded(rgb, "PPM"),
        "pgm in words": b"P2 4 4 255 " + b"7 " * 16,
    }


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and content of each chunk, as far as there are any."""
    place = len(PNG)
    while place + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[place : place + 8])
        yield kind, data[place + 8 : place + 8 + length]
        place += 12 + length


def png_of(chunks) -> bytes:
    """A PNG of chunks with valid checksums; otherwise no decoder would read their content."""
    return PNG + b"".join(
        struct.pack(">I", len(content)) + kind + content + _checksum(kind + content)
        for kind, content in chunks
    )


def _checksum(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))
