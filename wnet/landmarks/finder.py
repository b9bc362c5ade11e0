"""The search for faces and their landmarks in photographs, and the interfaces of detectors and
landmark methods."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from wnet.chosen import chosen
from wnet.data.resize import bicubic
from wnet.landmarks.settings import Landmarks


class Detector(Protocol):
    """Finds the boxes of faces.

    Attributes:
        reference_scale: width plus height of a box, in pixels, for which FAN's crop has scale 1.
        upright_score: a box with this score or more is an upright face without further checks.
    """

    reference_scale: float
    upright_score: float

    def __call__(self, images: Sequence[np.ndarray], doublings: int = 0) -> list[np.ndarray]:
        """Boxes of the faces in each (H, W, 3) uint8 RGB picture: (N, 5) x0, y0, x1, y1, score.

        The detector sees the picture enlarged twofold `doublings` times; boxes are in pixels of the
        picture itself.
        """
        ...


class Predictor(Protocol):
    """Predicts the 68 landmarks of a face in a box. Pictures are (H, W, 3) uint8 RGB.

    Attributes:
        steady: an instability that most upright faces are below and hardly anything else is.
    """

    steady: float

    def predict(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray]) -> np.ndarray:
        """The landmarks of one box (4,) in each picture: (N, 68, 2) float32 x, y in its pixels.

        Integers are centres of pixels.
        """
        ...

    def instability(self, image: np.ndarray, box: np.ndarray, points: np.ndarray) -> float:
        """How far the landmarks move when the box is shifted a little, in radii of the face.

        Landmarks of a face stay; those of a false detection follow the box. 0 if the method has no
        such measure.
        """
        ...


class LandmarkFinder:
    """A detector and a predictor. Pictures are (H, W, 3) uint8 RGB, of any sizes.

    The detector sees them at most `detection_side` pixels long.
    """

    def __init__(
        self, detector: Detector, predictor: Predictor, detection_side: int, upsampling: int
    ):
        self.upright_score = detector.upright_score
        self.upsampling, self.steady = upsampling, predictor.steady
        self.predict, self.instability = predictor.predict, predictor.instability
        self._detector, self._detection_side = detector, detection_side
        self._doublings = 0

    def enlarging(self, doublings: int) -> "LandmarkFinder":
        """This finder, but searching once, in each picture enlarged twofold `doublings` times."""
        other = copy(self)
        other.upsampling, other._doublings = 0, doublings
        return other

    def look(self, images: Sequence[np.ndarray], doublings: int) -> list[np.ndarray]:
        """Boxes, as in Detector, from one search."""
        seen = [shrunk(image, self._detection_side) for image in images]
        found = self._detector([small for small, _ in seen], self._doublings + doublings)
        boxes = [
            own / (scale, scale, scale, scale, 1.0)
            for own, (_, scale) in zip(found, seen, strict=True)
        ]
        return [own[(own[:, 2:4] - own[:, :2] >= 1).all(axis=1)] for own in boxes]

    def detect(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Boxes (N, 4) x0, y0, x1, y1 of the faces in each picture.

        Where nothing is found, the picture is enlarged twofold and searched again, up to
        `upsampling` times.
        """
        boxes = [np.empty((0, 4))] * len(images)
        for doublings in range(self.upsampling + 1):
            waiting = [row for row in range(len(images)) if not len(boxes[row])]
            found = self.look([images[row] for row in waiting], doublings)
            for row, own in zip(waiting, found, strict=True):
                boxes[row] = own[:, :4]
        return boxes


def load_finder(
    settings: Landmarks, files: Mapping[str, Path], device: Callable[[], str]
) -> LandmarkFinder:
    """Load the finder that the settings choose; files: its weights, by their keys."""
    method, detector = parts(settings)
    place = device() if method.GPU or detector.GPU else "cpu"
    detect = detector.load(files, settings.detector_score, place)
    predictor = method.load(files, detect, place)
    return LandmarkFinder(detect, predictor, settings.detection_side, settings.upsampling)


def parts(settings: Landmarks) -> tuple:
    """The modules of the method and of the detector chosen by the settings."""
    method = chosen("wnet.landmarks.methods", settings.landmarks)
    return method, chosen("wnet.landmarks.detectors", settings.detector or method.DETECTOR)


def choose_face(boxes: np.ndarray, official: np.ndarray | None) -> int:
    """The index of the annotated face: the one that overlaps the official box, else the largest.

    boxes: (N, 4) x0, y0, x1, y1; official: x, y, width, height, as in CelebA, or None. If no box
    overlaps the official one, the box with the nearest centre is chosen.
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


def shrunk(image: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """The image reduced to at most `side` pixels on its longer side, and the factor of
    reduction."""
    scale = min(1.0, side / max(image.shape[:2]))
    if scale == 1.0:
        return image, scale
    height, width = (max(1, round(length * scale)) for length in image.shape[:2])
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BOX)), scale


def doubled(image: np.ndarray, doublings: int) -> np.ndarray:
    """The picture enlarged twofold, `doublings` times."""
    if doublings == 0:
        return image
    factor = 2**doublings
    return bicubic(image[None], image.shape[0] * factor, image.shape[1] * factor)[0]


def halved(boxes: np.ndarray, doublings: int) -> np.ndarray:
    """Boxes (N, 5) found in a doubled picture, in pixels of the picture itself."""
    factor = 2.0**doublings
    return boxes / (factor, factor, factor, factor, 1.0)
