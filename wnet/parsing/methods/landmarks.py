"""Parsing maps from the landmarks and colours of a face; no weights are needed."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from wnet.parsing.by_landmarks import classes_by_landmarks
from wnet.parsing.outlines import VanishingFace

LICENCE = (
    "a model of landmarks and colours, fitted by this project (MIT) to photographs of"
    " CelebAMask-HQ, for non-commercial research"
)
LIBRARIES = ("numpy", "opencv-python")
GPU = False
WEIGHTS = ()


class LandmarkParser:
    """Parses each face by its own landmarks."""

    at_once = 1

    def parse(self, images: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Classes (N, H, W) uint8 of faces (N, H, W, 3) uint8 RGB with points (N, 68, 2).

        A map is all background if the landmarks do not determine the face.
        """
        return np.stack([_parse(*face) for face in zip(images, points, strict=True)])


def load(side: int, files: Mapping[str, Path], device: Callable[[], str]) -> LandmarkParser:
    """Load the parser."""
    return LandmarkParser()


def _parse(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    nothing = np.zeros(image.shape[:2], np.uint8)
    if np.isnan(points).any():
        return nothing
    try:
        return classes_by_landmarks(image, points)
    except VanishingFace:
        return nothing
