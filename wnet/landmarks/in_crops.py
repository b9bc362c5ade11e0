"""Landmarks in faces that are cropped already, for scores: high-resolution face and SR alike."""

import numpy as np

from wnet.data.resize import bicubic
from wnet.landmarks.finder import LandmarkFinder, choose_face

_AT_ONCE = 64  # faces; bounds the memory that the enlarged ones take


class CropLandmarks:
    """Finds 68 landmarks in small crops, seen `enlarge` times larger by bicubic interpolation.

    Detectors need faces of some 80 pixels, and dlib's predictor answers in whole pixels: on crops
    under 128 pixels the enlargement serves both.
    """

    def __init__(self, finder: LandmarkFinder, enlarge: int):
        self._finder = finder
        self._enlarge = enlarge

    def boxes(self, images: np.ndarray) -> np.ndarray:
        """The largest face of each crop: (N, R, R, 3) RGB to (N, 4) x0, y0, x1, y1, NaN if none."""
        found = np.full((len(images), 4), np.nan)
        for start in range(0, len(images), _AT_ONCE):
            block = self._enlarged(images[start : start + _AT_ONCE])
            for row, boxes in enumerate(self._finder.detect(block), start):
                if len(boxes):
                    found[row] = boxes[choose_face(boxes, None)] / self._enlarge
        return found

    def points(self, images: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Landmarks of the face in each box: (N, 68, 2) x, y in pixels of the crop, NaN if none."""
        found = np.full((len(images), 68, 2), np.nan, np.float32)
        rows = np.flatnonzero(~np.isnan(boxes).any(axis=1))
        for start in range(0, len(rows), _AT_ONCE):
            block = rows[start : start + _AT_ONCE]
            large = self._finder.predict(
                self._enlarged(images[block]), boxes[block] * self._enlarge
            )
            found[block] = (large + 0.5) / self._enlarge - 0.5
        return found

    def _enlarged(self, images: np.ndarray) -> np.ndarray:
        height, width = (length * self._enlarge for length in images.shape[1:3])
        return bicubic(images, height, width)
