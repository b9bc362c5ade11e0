"""From the bytes of any photograph to upright RGB, or the reason why it cannot be read."""

import io
import warnings
from contextlib import suppress

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from wnet.photographs.code_points import code_points
from wnet.photographs.colour import conversion, from_adobe_rgb, from_primaries
from wnet.photographs.formats import HEAD, RAW, format_of, rare_kind
from wnet.photographs.levels import check_levels, eight_bits
from wnet.photographs.metadata import without_metadata
from wnet.photographs.refusals import NoDecoder, OversizedImage, UnreadableImage

# Pillow's other readers (EPS, PDF, FITS, ...) start programs or are not for photographs.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
MAX_SIDE = 65_535  # JPEG's limit; PNG's lines may be longer, but not those of a photograph
_REDUCED, _DNG = 0x00FE, 0xC612  # tags of TIFF


def decode(data: bytes, max_pixels: int) -> np.ndarray:
    """Decode a photograph: (H, W, 3) uint8, upright by its EXIF orientation, in sRGB.

    Gray, palette, CMYK, 16-bit and transparent pictures become 8-bit RGB (the colour below the
    transparency, as OpenCV reads it); an embedded colour profile is applied. Of several frames the
    first is used. Damaged metadata are ignored. The declared size is checked before anything is
    decoded. Raises OversizedImage, NoDecoder or UnreadableImage.
    """
    try:
        return _decode(data, max_pixels)
    except (OversizedImage, NoDecoder):
        raise
    except UnreadableImage:
        bare = without_metadata(data)
        if bare == data:
            raise
        with suppress(UnreadableImage):
            return _decode(bare, max_pixels)
        raise


def _decode(data: bytes, max_pixels: int) -> np.ndarray:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a photograph is used or rejected, without warnings
            with Image.open(io.BytesIO(data), formats=_formats(data)) as image:
                _check(image, max_pixels)
                image.load()
                return np.asarray(_upright(_rgb(image, data), _orientation(image)))
    except UnreadableImage:
        raise
    except Image.DecompressionBombError as error:
        raise OversizedImage(str(error)) from error
    except MemoryError as error:
        raise OversizedImage("needs more memory than a photograph may use") from error
    except UnidentifiedImageError as error:
        if kind := rare_kind(data):
            raise NoDecoder(kind) from error
        raise UnreadableImage("not an image in a known format") from error
    # Pillow's decoders raise nearly every built-in exception on damaged bytes.
    except Exception as error:
        raise UnreadableImage(_one_line(error)) from error


def _formats(data: bytes) -> tuple[str, ...]:
    """The formats that Pillow should try; raises NoDecoder."""
    kind = format_of(data[:HEAD])
    if kind is None:
        return FORMATS
    if not kind.is_read():
        raise NoDecoder(f"{kind.name}: {kind.cure}")
    return (kind.pillow,)


def _check(image: Image.Image, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise OversizedImage(f"declares {width} x {height} pixels, more than {max_pixels}")
    if max(width, height) > MAX_SIDE:
        raise OversizedImage(f"a side of {max(width, height)} pixels, over {MAX_SIDE}")
    tags = getattr(image, "tag_v2", {})
    if _DNG in tags or tags.get(_REDUCED) == 1:  # its first picture is a thumbnail
        raise NoDecoder(f"{RAW.name}: {RAW.cure}")
    check_levels(image)


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged EXIF does not affect the pixels
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _rgb(image: Image.Image, data: bytes) -> Image.Image:
    """A decoded picture in sRGB; code points precede a profile in a PNG, else they follow it."""
    named = code_points(data)
    profile = image.info.get("icc_profile")
    if named and (image.format == "PNG" or not isinstance(profile, bytes)):
        if named.is_hdr:
            raise NoDecoder("HDR (PQ or HLG): save it in sRGB or with an ICC profile")
        profile = None
    gray = image.mode.startswith(("1", "L", "I")) and image.mode != "LAB"
    mode = "L" if gray else "CMYK" if image.mode == "CMYK" else "RGB"
    convert = conversion(profile, mode) if isinstance(profile, bytes) else None
    if mode == "CMYK":
        return convert(image) if convert else image.convert("RGB")
    plain = eight_bits(image, data)
    if not isinstance(profile, bytes) and mode == "RGB":
        if named:
            convert = from_primaries(named.primaries)
        elif _is_adobe_rgb(image):
            convert = from_adobe_rgb
    return convert(plain) if convert else plain


def _is_adobe_rgb(image: Image.Image) -> bool:
    """Whether EXIF declares Adobe RGB, as cameras without a profile do (DCF 2.0's option file)."""
    try:
        exif = image.getexif()
        index = exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex, "")
        space = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
    except Exception:  # damaged EXIF does not affect the pixels
        return False
    index = index.decode("ascii", "replace") if isinstance(index, bytes) else str(index)
    return index.strip("\0 ") == "R03" and space != _EXIF_SRGB


_EXIF_SRGB = 1


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
