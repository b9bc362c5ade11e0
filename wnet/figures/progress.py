"""An image of a network's output for a few faces, to watch during training."""

from collections.abc import Sequence

import numpy as np

from wnet.figures.grid import BACKGROUND, enlarge

GAP = 4  # pixels between faces


def progress_sheet(rows: Sequence[np.ndarray]) -> np.ndarray:
    """Rows of (N, r, r, 3) or (N, r, r) uint8 pictures of the same N faces, one column per face.

    Smaller pictures are enlarged by repeating pixels to the size of the largest, whose side is a
    multiple of theirs. Returns (H, W, 3) uint8 RGB.
    """
    side = max(row.shape[1] for row in rows)
    lines = [_line([enlarge(face, side // len(face)) for face in row]) for row in rows]
    between = np.full((GAP, lines[0].shape[1], 3), BACKGROUND, np.uint8)
    return np.concatenate([part for line in lines for part in (line, between)][:-1])


def _line(faces: list[np.ndarray]) -> np.ndarray:
    between = np.full((len(faces[0]), GAP, 3), BACKGROUND, np.uint8)
    return np.concatenate([part for face in faces for part in (face, between)][:-1], axis=1)
