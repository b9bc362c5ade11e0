"""Colour profiles are converted to sRGB, and invalid ones do no harm."""

import io
import struct

import numpy as np
import pytest
from icc_profiles import (
    ADOBE_RGB,
    CURVES,
    DISPLAY_P3,
    SRGB_XYZ,
    curve,
    fixed,
    from_linear,
    matrix_profile,
    profile,
    to_linear,
)
from odd_images import encoded
from PIL import ExifTags, Image, ImageCms

from wnet.photographs.colour import conversion, from_adobe_rgb
from wnet.photographs.images import decode

LIMIT = 1_000_000
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def in_space(srgb, primaries, name):
    """Levels of sRGB as levels of another space, by its definition."""
    levels = np.linspace(0, 1, 65537)
    linear = to_linear(srgb / 255) @ np.array(SRGB_XYZ) @ np.linalg.inv(np.array(primaries))
    return (np.interp(linear, CURVES[name][0](levels), levels) * 255).round().astype(np.uint8)


@pytest.fixture
def picture(random):
    """Colours in the middle of sRGB, (64, 96, 3)."""
    small = Image.fromarray(random.integers(30, 220, (8, 12, 3), dtype=np.uint8))
    return np.asarray(small.resize((96, 64), Image.Resampling.BICUBIC))


def psnr(one, other):
    return 10 * np.log10(255**2 / max(((one.astype(float) - other) ** 2).mean(), 1e-9))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
@pytest.mark.parametrize("space", [(DISPLAY_P3, "srgb"), (ADOBE_RGB, "2.2")])
def test_a_profile_is_converted_from(picture, kind, space):
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}
    options["AVIF"] = {"quality": 100, "subsampling": "4:4:4"}
    meant = Image.fromarray(in_space(picture, *space))
    data = encoded(meant, kind, icc_profile=matrix_profile(*space), **options.get(kind, {}))
    plain = decode(encoded(meant, kind, **options.get(kind, {})), LIMIT)
    assert psnr(decode(data, LIMIT), picture) > (53 if kind in ("PNG", "TIFF", "WEBP") else 43)
    assert psnr(plain, picture) < 42


def test_the_case_of_a_phone_is_as_its_srgb_original(real_data):
    """Compared with its profile in floats: primaries of Display P3 and gamma 2.2."""
    case = (real_data / "cases/icc_p3.png").read_bytes()
    ignored = np.asarray(Image.open(io.BytesIO(case)))
    linear = (ignored / 255) ** 2.2 @ np.array(DISPLAY_P3) @ np.linalg.inv(np.array(SRGB_XYZ))
    original = 255 * from_linear(linear)
    assert psnr(decode(case, LIMIT), original) > 53
    assert psnr(ignored, original) < 37


def test_srgb_by_another_name_changes_no_pixel(picture):
    for same in (SRGB, matrix_profile(SRGB_XYZ, "srgb")):
        data = encoded(Image.fromarray(picture), "PNG", icc_profile=same)
        np.testing.assert_array_equal(decode(data, LIMIT), picture)
        assert conversion(same, "RGB") is None


@pytest.mark.parametrize("mode", ["P", "RGBA", "L", "LA", "1"])
def test_every_mode_is_converted_by_its_profile(picture, mode):
    """An RGB profile, as in a picture that was later converted to grey or indexed colours."""
    icc = matrix_profile(ADOBE_RGB, "2.2")
    image = Image.fromarray(picture).convert(mode)
    expected = decode(encoded(image.convert("RGB"), "PNG", icc_profile=icc), LIMIT)
    np.testing.assert_array_equal(decode(encoded(image, "PNG", icc_profile=icc), LIMIT), expected)


@pytest.mark.parametrize("bits", [8, 16])
def test_grey_is_converted_by_its_curve_and_stays_grey(bits):
    levels = np.arange(256).reshape(16, 16)
    grey = profile(b"GRAY", {b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, 461)})  # gamma 1.8
    stored = levels.astype(np.uint8) if bits == 8 else (levels * 257).astype(np.uint16)
    decoded = decode(encoded(Image.fromarray(stored), "PNG", icc_profile=grey), LIMIT)
    expected = 255 * from_linear((levels / 255) ** (461 / 256))
    assert np.abs(decoded - expected[..., None]).max() < 2
    assert (np.ptp(decoded, axis=2) == 0).all()


def cmyk_profile() -> bytes:
    """A table of the 16 corners: paper white, ink by ink darker; Lab as lut8 has it."""
    corners = np.indices((2, 2, 2, 2)).reshape(4, -1).T
    light = (
        255 * (1 - corners[:, 3:]) * (1 - corners[:, :3] * (0.5, 0.4, 0.1)).prod(1, keepdims=True)
    )
    a = 128 + 60 * (corners[:, 1:2] - corners[:, 0:1]) * (1 - corners[:, 3:])
    b = 128 + 60 * (corners[:, 2:3] - corners[:, 0:1]) * (1 - corners[:, 3:])
    clut = np.concatenate([light, a, b], 1).round().clip(0, 255).astype(np.uint8).tobytes()
    ramp = bytes(range(256))
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    return profile(b"CMYK", {b"A2B0": table + ramp * 4 + clut + ramp * 3})


def test_cmyk_is_converted_by_its_inks(picture):
    icc = cmyk_profile()
    inks = Image.fromarray(picture).convert("CMYK")
    white, black, cyan = (Image.new("CMYK", (8, 8), inks) for inks in (0, 0xFF000000, 0x000000FF))
    for kind in ("TIFF", "JPEG"):
        made = [decode(encoded(one, kind, icc_profile=icc), LIMIT)[4, 4] for one in (white, black)]
        assert min(made[0]) > 250
        assert max(made[1]) < 10
    data = encoded(cyan, "TIFF", icc_profile=icc)
    red, green, blue = decode(data, LIMIT)[4, 4].astype(int)
    assert red < green < blue
    assert blue < 230, "cyan by the formula alone, not by the ink"
    plain = decode(encoded(inks, "TIFF"), LIMIT)
    np.testing.assert_array_equal(plain, np.asarray(inks.convert("RGB")))


def test_a_broken_profile_does_no_harm(picture, random):
    whole = matrix_profile(DISPLAY_P3, "srgb")
    right = decode(encoded(Image.fromarray(picture), "PNG", icc_profile=whole), LIMIT)
    harmed = 0
    for number in range(300):
        broken = bytearray(whole)
        for place in random.integers(0, len(whole), 1 + number % 4):
            broken[place] = random.integers(0, 256)
        cut = len(whole) if number % 3 else int(random.integers(0, len(whole)))
        data = encoded(Image.fromarray(picture), "PNG", icc_profile=bytes(broken[:cut]))
        decoded = decode(data, LIMIT)
        harmed += max(psnr(decoded, picture), psnr(decoded, right)) < 20
    assert harmed == 0
    for icc in (b"no profile", profile(b"GRAY", {b"kTRC": curve("2.2")}), cmyk_profile()):
        data = encoded(Image.fromarray(picture), "PNG", icc_profile=icc)
        np.testing.assert_array_equal(decode(data, LIMIT), picture)
    black = matrix_profile([(0, 0, 0)] * 3, "srgb")
    data = encoded(Image.fromarray(picture), "PNG", icc_profile=black)
    np.testing.assert_array_equal(decode(data, LIMIT), picture)


def exif_of(index: str | None, space: int) -> bytes:
    """EXIF of a camera: its colour space, and which rules its file is by."""
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.ColorSpace] = space
    if index is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.IFD.Interop] = {1: index}
    return exif.tobytes()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_adobe_rgb_that_exif_alone_names_is_converted_from(picture, kind):
    options = {"JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    meant = Image.fromarray(in_space(picture, ADOBE_RGB, "2.2"))
    by_profile = encoded(meant, kind, icc_profile=matrix_profile(ADOBE_RGB, "2.2"), **options)
    by_exif = encoded(meant, kind, exif=exif_of("R03", 65535), **options)
    assert psnr(decode(by_exif, LIMIT), picture) > (53 if kind == "PNG" else 43)
    assert np.abs(decode(by_exif, LIMIT).astype(int) - decode(by_profile, LIMIT)).max() <= 2
    plain = decode(encoded(meant, kind, **options), LIMIT)
    for index, space in (("R98", 1), ("R03", 1), (None, 65535), ("THM", 65535)):
        other = encoded(meant, kind, exif=exif_of(index, space), **options)
        np.testing.assert_array_equal(decode(other, LIMIT), plain)
    grey = encoded(meant.convert("L"), kind, exif=exif_of("R03", 65535), **options)
    assert np.ptp(decode(grey, LIMIT), axis=2).max() == 0


def test_greys_of_adobe_rgb_stay_grey_and_ends_stay_ends():
    greys = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(1, 256, 3)
    made = np.asarray(from_adobe_rgb(Image.fromarray(greys)))[0].astype(int)
    assert np.ptp(made, axis=1).max() <= 1
    assert (np.diff(made.mean(axis=1)) >= 0).all()
    assert [made[0].max(), made[255].min()] == [0, 255]
