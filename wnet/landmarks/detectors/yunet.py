"""YuNet, OpenCV's detector."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

WEIGHTS = "yunet"
LIBRARIES = ("opencv-python",)
_SAME_FACE = 0.3  # overlap above which the lesser of two boxes is dropped, as its authors do


class YuNet:
    """YuNet (Wu et al., Machine Intelligence Research 2023) by OpenCV, on the CPU.

    Attributes:
        reference_scale: face-alignment's, whose FAN sees these boxes.
    """

    reference_scale = 165.0

    def __init__(self, weights: Path, score: float):
        import cv2

        self._network = cv2.FaceDetectorYN.create(str(weights), "", (0, 0), score, _SAME_FACE)

    def __call__(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes (N, 4) x0, y0, x1, y1 of each (H, W, 3) uint8 RGB picture, the surest first."""
        boxes = []
        for image in images:
            self._network.setInputSize((image.shape[1], image.shape[0]))
            _, found = self._network.detect(np.ascontiguousarray(image[..., ::-1]))
            corner, sides = np.split(np.empty((0, 4)) if found is None else found[:, :4], 2, axis=1)
            boxes.append(np.concatenate([corner, corner + sides], axis=1).astype(np.float64))
        return boxes


def load(weights: Path, score: float, device: str) -> YuNet:
    """The detector, from its file; it runs on the CPU."""
    return YuNet(weights, score)
