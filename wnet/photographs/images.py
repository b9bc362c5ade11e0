"""Any photograph, as bytes, to upright RGB; or a clear word why not."""

import io
import warnings

import numpy as np
from PIL import Image, ImageOps

# Pillow's other readers (EPS, PDF, FITS, ...) start programs or have no use for photographs.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
)
MAX_SIDE = 65_535  # JPEG's; a line of millions of pixels, as PNG may have, is no photograph


class UnreadableImage(Exception):
    """Bytes that are no photograph; the message is the decoder's word."""


class OversizedImage(UnreadableImage):
    """A photograph that is more than allowed, by what it declares or takes."""


def decode(data: bytes, max_pixels: int) -> np.ndarray:
    """Decode a photograph: (H, W, 3) uint8 RGB, upright by its EXIF orientation.

    Gray, palette, CMYK, 16-bit and transparent pictures become 8-bit RGB (of transparent ones the
    colour below the transparency, as OpenCV reads them); of an animation the first frame is taken.
    The declared size is checked before anything is decoded.
    Raises OversizedImage or UnreadableImage.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a photograph is taken, or it is rejected
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                width, height = image.size
                if width * height > max_pixels:
                    raise OversizedImage(
                        f"declares {width} x {height} pixels, more than {max_pixels}"
                    )
                if max(width, height) > MAX_SIDE:
                    raise OversizedImage(f"a side of {max(width, height)} pixels, over {MAX_SIDE}")
                return np.asarray(_rgb(ImageOps.exif_transpose(image)))
    except UnreadableImage:
        raise
    except Image.DecompressionBombError as error:
        raise OversizedImage(str(error)) from error
    except MemoryError as error:
        raise OversizedImage("takes more memory than there is for a photograph") from error
    # Pillow's decoders raise nearly every built-in exception on damaged bytes.
    except Exception as error:
        raise UnreadableImage(_one_line(error)) from error


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":  # Pillow would clip these at 255
        wide = np.clip(np.asarray(image), 0, 65535).astype(np.uint32)
        return Image.fromarray(((wide + 128) // 257).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise UnreadableImage("its pixels are fractions, of which nothing says what is white")
    return image.convert("RGB")


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return "not an image in a known format" if text.startswith("cannot identify") else text
