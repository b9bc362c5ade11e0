"""Faces and their 68 landmarks in a photograph, in iBUG-68 order.

Jaw 0-16, brows 17-26, nose 27-35 (tip 30), the person's right and left eye 36-41 and 42-47,
mouth 48-67. https://ibug.doc.ic.ac.uk/resources/facial-point-annotations/
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from PIL import Image

from wnet.files.dlib_models import model_path

OUTER_EYE_CORNERS = (36, 45)


class LandmarkFinder(Protocol):
    """What finds faces and their landmarks. Pictures are (H, W, 3) uint8 RGB, of any sizes."""

    def detect(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes of the faces in each picture: (N, 4) float x0, y0, x1, y1 in its pixels."""
        ...

    def predict(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray]) -> np.ndarray:
        """The 68 landmarks of one box in each: (N, 68, 2) float32 x, y in its pixels.

        The centre of a pixel lies at integers.
        """
        ...


class DlibLandmarks:
    """dlib's frontal HOG detector and its 68-point predictor (300-W: for research only).

    Photographs longer than `detection_side` pixels are shrunk to it for the detector; where it
    finds nothing it looks again, `upsampling` times, in a picture twice as large.
    """

    def __init__(self, detection_side: int, upsampling: int):
        import dlib

        self._detector = dlib.get_frontal_face_detector()
        self._predictor = dlib.shape_predictor(
            str(model_path("shape_predictor_68_face_landmarks.dat"))
        )
        self._rectangle = dlib.rectangle
        self.detection_side = detection_side
        self.upsampling = upsampling

    def detect(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes as LandmarkFinder says."""
        return [self._detect(image) for image in images]

    def predict(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray]) -> np.ndarray:
        """Landmarks as LandmarkFinder says, in whole pixels."""
        found = [self._predict(image, box) for image, box in zip(images, boxes, strict=True)]
        return np.array(found, np.float32).reshape(-1, 68, 2)

    def _detect(self, image: np.ndarray) -> np.ndarray:
        small, scale = shrunk(image, self.detection_side)
        for upsampling in range(self.upsampling + 1):
            found = self._detector(small, upsampling)
            if found:
                break
        boxes = [(box.left(), box.top(), box.right() + 1, box.bottom() + 1) for box in found]
        return np.array(boxes, np.float64).reshape(-1, 4) / scale

    def _predict(self, image: np.ndarray, box: np.ndarray) -> list[tuple[int, int]]:
        x0, y0, x1, y1 = (int(value) for value in np.rint(box))
        shape = self._predictor(image, self._rectangle(x0, y0, x1 - 1, y1 - 1))
        return [(point.x, point.y) for point in shape.parts()]


@lru_cache(maxsize=1)
def dlib_landmarks(detection_side: int, upsampling: int) -> DlibLandmarks:
    """One DlibLandmarks a process, since loading the predictor takes a second."""
    return DlibLandmarks(detection_side, upsampling)


def choose_face(boxes: np.ndarray, official: np.ndarray | None) -> int:
    """Which of several faces is meant: the one over the official box, else the largest.

    boxes: (N, 4) x0, y0, x1, y1; official: x, y, width, height as CelebA gives it. Where no box
    overlaps the official one, the one whose centre is nearest is taken.
    """
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    if official is None:
        return int(np.argmax(areas))
    target = np.array([*official[:2], *(official[:2] + official[2:])])
    low, high = np.maximum(boxes[:, :2], target[:2]), np.minimum(boxes[:, 2:], target[2:])
    overlap = np.prod(np.clip(high - low, 0, None), axis=1)
    if overlap.max() > 0:
        return int(np.argmax(overlap / (areas + np.prod(official[2:]) - overlap)))
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    return int(np.argmin(np.linalg.norm(centres - (target[:2] + target[2:]) / 2, axis=1)))


def in_sixteenths(points: np.ndarray) -> np.ndarray:
    """The points in whole sixteenths of a pixel.

    The last bits of a network's answer depend on the processor; so they rarely move a crop.
    """
    return np.round(points * 16) / 16


def five_points(points: np.ndarray) -> np.ndarray:
    """The five points of CelebA's annotation from 68: (..., 68, 2) to (..., 5, 2).

    Centres of the eye in the left and the right of the picture, nose tip, mouth corners.
    """
    eyes = [points[..., 36:42, :].mean(-2), points[..., 42:48, :].mean(-2)]
    return np.stack([*eyes, points[..., 30, :], points[..., 48, :], points[..., 54, :]], axis=-2)


def disagreement(points: np.ndarray, official: np.ndarray) -> float:
    """Mean distance of 68 landmarks to CelebA's five, as a share of the distance of the eyes.

    points: (68, 2); official: (10,) x, y of five points. The filter of wrongly found faces that
    the DIC protocol applies (https://github.com/Maclory/Deep-Iterative-Collaboration/issues/10).
    """
    truth = np.asarray(official, np.float64).reshape(5, 2)
    distance = np.linalg.norm(five_points(points) - truth, axis=1).mean()
    return float(distance / np.linalg.norm(truth[0] - truth[1]))


def shrunk(image: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """The picture with its longer side at most `side` pixels, and by how much that is smaller."""
    scale = min(1.0, side / max(image.shape[:2]))
    if scale == 1.0:
        return image, scale
    height, width = (max(1, round(length * scale)) for length in image.shape[:2])
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BOX)), scale
