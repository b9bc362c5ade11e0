"""Conversion of pictures with any number of bits to 8-bit levels, if the white level is known."""

import numpy as np
from PIL import Image

from wnet.photographs.refusals import UnreadableImage

# Tags of TIFF, and their values.
_BITS, _PACKING, _PHOTOMETRIC, _PLANES, _SAMPLE = 0x0102, 0x0103, 0x0106, 0x011C, 0x0153
_UNPACKED, _WHITE_IS_ZERO, _SEPARATE, _SIGNED = 1, 0, 2, 2
_DIM = 64  # of 255; a 16-bit picture without a lighter pixel really has 14 bits or fewer


def check_levels(image: Image.Image) -> None:
    """Raise UnreadableImage for a TIFF whose levels Pillow would misread."""
    tags = getattr(image, "tag_v2", {})
    bits = _bits(tags)
    separate = tags.get(_PLANES) == _SEPARATE and len(tags.get(_BITS, ())) > 1
    if bits == 16 and separate and tags.get(_PACKING) == _UNPACKED:
        raise UnreadableImage("16 bits in separate planes: save it interleaved, or with 8 bits")
    if bits == 8 and _SIGNED in tags.get(_SAMPLE, ()):
        raise UnreadableImage("its pixels are signed numbers without a known white")


def eight_bits(image: Image.Image, data: bytes) -> Image.Image:
    """A decoded picture as RGB; raises UnreadableImage if its white is not known."""
    if image.mode == "F":
        raise UnreadableImage("its pixels are floating-point numbers without a known white level")
    if image.mode.startswith("I;16") or image.mode == "I":  # Pillow would clip these at 255
        made = Image.fromarray(_levels(image)).convert("RGB")
    else:
        made = image if image.mode == "RGB" else image.convert("RGB")
    if _has_sixteen_bits(image, data) and (most := int(np.asarray(made).max())) < _DIM:
        raise UnreadableImage(
            f"its 16 bits end at {most} of 255, far below white: fewer bits (10, 12, 14) in 16, or"
            " linear light? Scale them to 16 bits, or save it with 8"
        )
    return made


def _has_sixteen_bits(image: Image.Image, data: bytes) -> bool:
    if image.format == "PNG":
        return data[24] == 16
    return _bits(getattr(image, "tag_v2", {})) == 16


def _bits(tags) -> int:
    return max(tags.get(_BITS, (1,)))


def _levels(image: Image.Image) -> np.ndarray:
    """(H, W) uint8 of numbers of up to 16 bits; TIFF says of how many, and which end is white."""
    tags = getattr(image, "tag_v2", {})
    white = 2 ** min(16, *tags.get(_BITS, (16,))) - 1
    wide = np.asarray(image).astype(np.int32)
    low, high = int(wide.min()), int(wide.max())
    if low < 0 or high > white:
        raise UnreadableImage(f"its pixels are numbers from {low} to {high} without a known white")
    if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO:
        wide = white - wide
    return ((255 * wide + white // 2) // white).astype(np.uint8)
