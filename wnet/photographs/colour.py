"""Conversion of colours to sRGB from an ICC profile or from named primaries.

A profile is ignored if it cannot be read, has another colour space than the picture, or does not
map grey to grey. A profile that is equivalent to sRGB changes no pixel.
"""

import io
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image, ImageChops, ImageCms

Conversion = Callable[[Image.Image], Image.Image]

_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
_SPACES = {"RGB": ("RGB",), "L": ("GRAY", "RGB"), "CMYK": ("CMYK",)}  # of profiles, by mode
_SLACK, _TINT = 16, 40  # levels by which white may be off, and any grey may be tinted
_DARK = range(64)  # allowed levels of black; that of black ink alone is not the darkest
_MIDDLE = range(64, 209)  # allowed levels of middle grey; gamma 1 gives 188, gamma 3 gives 99

_ROWS = 64  # converted together; limits the memory
_ADOBE_GAMMA = 563 / 256
# Matrices from linear light to that of sRGB, with columns for R, G, B.
_FROM_ADOBE = [[1.398357, 0, 0], [-0.398357, 1, -0.042933], [0, 0, 1.042933]]
_FROM_PRIMARIES = {  # by their numbers in H.273: BT.2020, Display P3
    9: [
        [1.660491, -0.12455, -0.018151],
        [-0.587641, 1.1329, -0.100579],
        [-0.07285, -0.008349, 1.11873],
    ],
    12: [[1.22494, -0.042057, -0.019638], [-0.22494, 1.042057, -0.078636], [0, 0, 1.098274]],
}


@lru_cache(maxsize=16)
def conversion(profile: bytes, mode: str) -> Conversion | None:
    """The conversion from 8-bit pixels to sRGB by a profile; None if none is needed.

    mode: RGB or CMYK, or L for RGB pictures that are all grey.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space not in _SPACES[mode]:
            return None
        from_mode = "L" if space == "GRAY" else space
        target = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(source, target, from_mode, "RGB", _INTENT, _FLAGS)
        greys = transform.apply(_greys(from_mode))
        if not _is_grey(np.asarray(greys)[0].astype(int)):
            return None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if space == "GRAY":
        levels = [level for _, level, _ in greys.getdata()]
        return None if _same(levels, range(256)) else lambda image: image.point(levels * 3)
    if space == "RGB":
        colours = _lattice()
        if _same(np.asarray(colours), np.asarray(transform.apply(colours))):
            return None
    return transform.apply


def from_adobe_rgb(image: Image.Image) -> Image.Image:
    """Convert pixels of Adobe RGB (1998), mode RGB, to sRGB, clipped to its gamut."""
    levels = np.arange(256, dtype=np.float32) / 255
    return _from_linear(image, levels**_ADOBE_GAMMA, _FROM_ADOBE)


def from_primaries(primaries: int) -> Conversion | None:
    """The same from other primaries with sRGB's curve, by their number in H.273.

    None if they are sRGB's, or not used by photographs.
    """
    if primaries not in _FROM_PRIMARIES:
        return None
    levels = np.arange(256, dtype=np.float32) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return lambda image: _from_linear(image, linear, _FROM_PRIMARIES[primaries])


def _from_linear(image: Image.Image, linear: np.ndarray, matrix: list) -> Image.Image:
    """Convert pixels of mode RGB to sRGB; linear: the linear light of the 256 levels."""
    pixels, to_srgb = np.asarray(image), np.array(matrix, np.float32)
    made, linear = np.empty_like(pixels), linear.astype(np.float32)
    for row in range(0, len(pixels), _ROWS):
        light = (linear[pixels[row : row + _ROWS]] @ to_srgb).clip(0, 1)
        encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        made[row : row + _ROWS] = (255 * encoded).round()
    return Image.fromarray(made)


def _greys(mode: str) -> Image.Image:
    """All greys from black to white, 256 x 1 pixels; in CMYK with black ink alone."""
    ramp = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    if mode == "CMYK":
        none = Image.new("L", ramp.size)
        return Image.merge(mode, [none, none, none, ImageChops.invert(ramp)])
    return ramp.convert(mode)


def _lattice() -> Image.Image:
    """Colours spread over the whole cube."""
    steps = np.linspace(0, 255, 17).round().astype(np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3))


def _same(before, after) -> bool:
    return int(np.abs(np.asarray(before, int) - np.asarray(after, int)).max()) <= 1


def _is_grey(greys: np.ndarray) -> bool:
    """Whether black, middle grey and white remain so, and lighter greys do not become darker."""
    mean = greys.mean(axis=1)
    return bool(
        greys[-1].min() >= 255 - _SLACK
        and np.ptp(greys, axis=1).max() <= _TINT
        and int(mean[0]) in _DARK
        and int(mean[128]) in _MIDDLE
        and (np.diff(mean) >= -1).all()
    )
