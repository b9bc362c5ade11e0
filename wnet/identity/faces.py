"""The interface of identity networks."""

from typing import Protocol

import numpy as np


class IdentityNetwork(Protocol):
    """A network that embeds faces."""

    def embed(self, images: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Embed (N, H, W, 3) uint8 RGB faces with landmarks (N, 68, 2): (N, D) rows of length 1."""
        ...


def check_faces(images: np.ndarray, points: np.ndarray) -> None:
    """Raise ValueError unless images are (N, H, W, 3) uint8 and points (N, 68, 2)."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(
            f"images must be uint8 (N, H, W, 3) RGB, got {images.dtype} {images.shape}"
        )
    if points.shape != (len(images), 68, 2):
        raise ValueError(f"points must be ({len(images)}, 68, 2), got {points.shape}")
