"""Images of the same size side by side, each below its caption."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from wnet.figures.grid import BACKGROUND, INK, font

GAP = 4  # pixels between pictures


def side_by_side(pictures: Sequence[tuple[str, np.ndarray]]) -> np.ndarray:
    """Captions and (H, W, 3) uint8 RGB pictures of one size, as one (H', W', 3) picture."""
    height, width = pictures[0][1].shape[:2]
    line = max(14, min(height, width) // 16)
    across = len(pictures) * (width + GAP) - GAP
    canvas = Image.new("RGB", (across, line + height), BACKGROUND)
    pen, letters = ImageDraw.Draw(canvas), font(round(line * 0.7))
    for number, (caption, picture) in enumerate(pictures):
        x = number * (width + GAP)
        pen.text((x + GAP, line // 10), caption, INK, letters)
        canvas.paste(Image.fromarray(picture), (x, line))
    return np.asarray(canvas)
