"""YuNet, OpenCV's detector."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from wnet.landmarks.finder import doubled, halved

LIBRARIES = ("opencv-python",)
GPU = False
WEIGHTS = ("yunet",)
_SAME_FACE = 0.3  # IoU above which the box with the lower score is dropped, as its authors do


class YuNet:
    """YuNet (Wu et al., Machine Intelligence Research 2023) by OpenCV, on the CPU, a Detector.

    Attributes:
        reference_scale: the value of face-alignment, for FAN in these boxes.
        upright_score: 81 % of 384 photographs score more; none of 361 of them rotated by 180
            degrees and of 249 rotated by 90 does.
    """

    reference_scale = 165.0
    upright_score = 0.92

    def __init__(self, weights: Path, score: float):
        import cv2

        self._network = cv2.FaceDetectorYN.create(str(weights), "", (0, 0), score, _SAME_FACE)

    def __call__(self, images: Sequence[np.ndarray], doublings: int = 0) -> list[np.ndarray]:
        """Boxes, as in Detector, by decreasing score."""
        return [halved(self._detect(doubled(image, doublings)), doublings) for image in images]

    def _detect(self, image: np.ndarray) -> np.ndarray:
        self._network.setInputSize((image.shape[1], image.shape[0]))
        _, found = self._network.detect(np.ascontiguousarray(image[..., ::-1]))
        if found is None:
            return np.empty((0, 5))
        corner, sides, score = found[:, :2], found[:, 2:4], found[:, 14:]
        return np.concatenate([corner, corner + sides, score], axis=1).astype(np.float64)


def load(files: Mapping[str, Path], score: float, device: str) -> YuNet:
    """Load the detector from its file; it runs on the CPU."""
    return YuNet(files["yunet"], score)
