"""Pictures are identified by content: read if Pillow can, else reported with what reads them."""

import sys

import numpy as np
import pytest
from odd_images import encoded, whole_pictures
from PIL import Image, features

from wnet.photographs.decoder import Decoder
from wnet.photographs.formats import format_of, is_picture
from wnet.photographs.images import NoDecoder, decode

LIMIT = 1_000_000
BOX = b"\0\0\0\x18ftyp"
UNREAD = {
    "HEIF": BOX + b"heic\0\0\0\0mif1heic",
    "JPEG XL": b"\xff\x0a\xfa\x1f\x01",
    "JPEG XR": b"II\xbc\x01\x08\0\0\0",
    "Photoshop": b"8BPS\0\x01",
    "GIMP": b"gimp xcf v011\0",
    "PCX": b"\x0a\x05\x01\x08",
    "OpenEXR": b"\x76\x2f\x31\x01\x02\0\0\0",
    "Radiance": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n",
    "raw": BOX + b"crx \0\0\0\x01crx isom",
}


@pytest.fixture
def picture():
    rows, columns = np.mgrid[0:48, 0:64]
    return np.stack([rows * 5, columns * 4, rows + columns], -1).astype(np.uint8)


@pytest.mark.parametrize("kind", ["AVIF", "JPEG2000", "MPO"])
def test_what_pillow_reads_is_read(picture, kind):
    if not features.check({"AVIF": "avif", "JPEG2000": "jpg_2000"}.get(kind, "jpg")):
        pytest.skip(f"this Pillow was built without {kind}")
    options = {"MPO": {"save_all": True, "append_images": [Image.new("RGB", (9, 9))]}}
    data = encoded(Image.fromarray(picture), kind, **options.get(kind, {"quality": 100}))
    if kind == "JPEG2000":
        data = encoded(Image.fromarray(picture), kind)
    decoded = decode(data, LIMIT).astype(int)
    assert np.abs(decoded - picture).mean() < 5
    bounded = Decoder(LIMIT)
    np.testing.assert_array_equal(bounded.decode(data), decoded)  # within its memory limit too
    bounded._process.stdin.close()
    bounded._process.wait()


@pytest.mark.parametrize("name", UNREAD)
def test_the_rest_is_named_with_what_reads_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # as if it were not installed
    assert name in format_of(UNREAD[name]).name
    assert is_picture(UNREAD[name])
    with pytest.raises(NoDecoder, match=r"reads it|converts it|save it|develop it"):
        decode(UNREAD[name] + bytes(200), LIMIT)


def test_a_cameras_raw_file_is_not_its_thumbnail(picture):
    for tag, value in ((0x00FE, 1), (0xC612, b"\x01\x04\0\0")):
        data = encoded(Image.fromarray(picture), "TIFF", tiffinfo={tag: value})
        with pytest.raises(NoDecoder, match="raw file: develop it"):
            decode(data, LIMIT)


def test_heif_is_read_where_its_plugin_is(picture):
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()
    data = encoded(Image.fromarray(picture), "HEIF", quality=-1, chroma=444)
    assert np.abs(decode(data, LIMIT).astype(int) - picture).max() <= 2


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (b"\xff\xf7\0\x0b\x08", "JPEG-LS: save it"),
        (b"\xff\xc3\0\x0b\x0c", "a JPEG that is lossless: save it"),
        (b"\xff\xc1\0\x0b\x0c", "a JPEG that is of 12 bits: save it"),
    ],
)
def test_rare_kinds_of_jpeg_are_named(frame, said):
    tables = b"\xff\xdb\0\x43" + bytes(65)  # the frame is after the first bytes of the file
    data = b"\xff\xd8" + 2 * tables + frame + b"\0\x10\0\x10\x01\x01\x11\0" + bytes(99)
    with pytest.raises(NoDecoder, match=said):
        decode(data, LIMIT)


def test_a_tiff_of_floats_is_named(picture):
    data = encoded(Image.fromarray(np.float32(picture[..., 0])), "TIFF").replace(
        b"\x02\x01\x03\0\x01\0\0\0\x20", b"\x02\x01\x03\0\x01\0\0\0\x40"
    )  # of 64 bits
    with pytest.raises(NoDecoder, match="a rare kind of TIFF: save it"):
        decode(data, LIMIT)


def test_whole_pictures_are_known_without_a_name():
    known = {name: is_picture(data[:128]) for name, data in whole_pictures().items()}
    assert [name for name, is_one in known.items() if not is_one] == ["ppm", "pgm in words"]
    for text in (
        b"",
        b"P6 is a pencil",
        b"BMW\n",
        b"name,person\n",
        b"\0\0\0\x18ftypisom\0\0\2\0isom",
    ):
        assert not is_picture(text)


def test_the_cases_of_suffixes(real_data):
    for name in ("IMG_0001.HEIC", "camera.mpo", "whatsapp.jpe"):
        assert decode((real_data / "cases" / name).read_bytes(), LIMIT).shape == (256, 256, 3)
