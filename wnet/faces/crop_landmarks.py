"""Landmarks in faces that are cropped already, for scores: high-resolution face and SR alike."""

import numpy as np

from wnet.data.resize import bicubic
from wnet.faces.landmarks import DlibLandmarks, choose_face


class CropLandmarks:
    """Finds 68 landmarks in small crops, seen `enlarge` times larger by bicubic interpolation.

    dlib's detector needs faces of about 80 pixels, and its predictor answers in whole pixels: on
    crops under 128 pixels the enlargement serves both.
    """

    def __init__(self, detection_side: int, upsampling: int, enlarge: int):
        self._landmarks = DlibLandmarks(detection_side, upsampling)
        self._enlarge = enlarge

    def boxes(self, images: np.ndarray) -> np.ndarray:
        """The largest face of each crop: (N, R, R, 3) RGB to (N, 4) x0, y0, x1, y1, NaN if none."""
        found = np.full((len(images), 4), np.nan)
        for row, image in enumerate(images):
            boxes = self._landmarks.detect(self._enlarged(image))
            if len(boxes):
                found[row] = boxes[choose_face(boxes, None)] / self._enlarge
        return found

    def points(self, images: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Landmarks of the face in each box: (N, 68, 2) x, y in pixels of the crop, NaN if none."""
        found = np.full((len(images), 68, 2), np.nan, np.float32)
        for row in np.flatnonzero(~np.isnan(boxes).any(axis=1)):
            large = self._landmarks.predict(self._enlarged(images[row]), boxes[row] * self._enlarge)
            found[row] = (large + 0.5) / self._enlarge - 0.5
        return found

    def _enlarged(self, image: np.ndarray) -> np.ndarray:
        height, width = (length * self._enlarge for length in image.shape[:2])
        return bicubic(image[None], height, width)[0]
