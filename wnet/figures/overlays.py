"""Overlays for pictures of faces: a coloured parsing map and a tinted skin map."""

import io

import numpy as np
from PIL import Image

CLASS_COLOURS = {
    "skin": "#e8b48f",
    "left brow": "#8a5a2b",
    "right brow": "#b07a3c",
    "left eye": "#2f6fd6",
    "right eye": "#5aa0ff",
    "glasses": "#7b5cff",
    "left ear": "#d98cb3",
    "right ear": "#f0a8cb",
    "earring": "#ffd84d",
    "nose": "#ff8a3d",
    "mouth": "#7a1020",
    "upper lip": "#e0445c",
    "lower lip": "#ff7088",
    "neck": "#c9a0dc",
    "necklace": "#ffe680",
    "clothes": "#3f9e7c",
    "hair": "#4a4e69",
    "hat": "#a3c14a",
}
"""The colours of classes 1 to 18; left and right are the person's. Background is transparent."""
TINT = (0, 214, 160)


def parsing_overlay(classes: np.ndarray) -> bytes:
    """A PNG of a map (H, W) of class ids: a palette of 19, the background transparent."""
    picture = Image.fromarray(classes, "P")
    rgb = [bytes.fromhex(colour[1:]) for colour in CLASS_COLOURS.values()]
    picture.putpalette(b"\0\0\0" + b"".join(rgb))
    return _png(picture, transparency=0)


def skin_overlay(skin: np.ndarray) -> bytes:
    """A PNG of a soft map (H, W), 0-255: one colour, more opaque where there is more skin."""
    rgba = np.empty((*skin.shape, 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = TINT, skin
    return _png(Image.fromarray(rgba))


def _png(picture: Image.Image, **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True, **options)
    return file.getvalue()
