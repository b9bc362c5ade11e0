"""Pictures embedded in a page, so that it is one file."""

import base64
import io

import numpy as np
from PIL import Image


def data_address(kind: str, content: bytes) -> str:
    """The data: address of a picture file of this type."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def picture_address(picture: np.ndarray) -> str:
    """(H, W, 3) uint8 RGB or (H, W) grey as lossless WebP, a third smaller than PNG."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", lossless=True, method=6)
    return data_address("webp", file.getvalue())
