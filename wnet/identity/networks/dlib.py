"""dlib's face recognition network."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from wnet.files.dlib_models import model_path
from wnet.identity.faces import check_faces

LICENCE = "dlib’s face recognition network, in the public domain (CC0)"
LIBRARIES = ("dlib-bin", "face-recognition-models")
WEIGHTS = ()  # they come with a package
_CHIP_SIDE, _CHIP_PADDING = 150, 0.25  # the side of its training faces, in pixels
_DIMENSIONS = 128
_CHIPS_AT_ONCE = 32  # limits the memory; larger batches are no faster


class DlibIdentity:
    """dlib's face recognition ResNet (99.38 % on LFW by its author), on the CPU.

    Its author treats two photographs as one person if the raw vectors, of length 1.4 to 1.6, are
    less than 0.6 apart. W-Net reports cosines, so rows are L2-normalised here. All faces have much
    of their direction in common: strangers have a cosine of about 0.82, one person about 0.97.
    Deterministic: no jitter is applied.
    http://blog.dlib.net/2017/02/high-quality-face-recognition-with-deep.html
    """

    def __init__(self) -> None:
        import dlib

        self._dlib = dlib
        path = model_path("dlib_face_recognition_resnet_model_v1.dat")
        self._network = dlib.face_recognition_model_v1(str(path))

    def embed(self, images: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Embed the face of each image: (N, 128) float32 rows of length 1.

        images: (N, H, W, 3) uint8 RGB. points: (N, 68, 2) x, y in pixels in iBUG-68 order, which
        align the face; with the points of HR for SR too, both are cut alike. They are rounded:
        dlib takes whole pixels only. A row that is not finite (no face) gives a row of NaN.
        Raises ValueError for other shapes or types.
        """
        check_faces(images, points)
        embeddings = np.full((len(images), _DIMENSIONS), np.nan, np.float32)
        (found,) = np.nonzero(np.isfinite(points).all(axis=(1, 2)))
        for start in range(0, len(found), _CHIPS_AT_ONCE):
            block = found[start : start + _CHIPS_AT_ONCE]
            chips = [self._chip(images[i], points[i]) for i in block]
            vectors = np.array(self._network.compute_face_descriptor(chips, 0), np.float64)
            embeddings[block] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return embeddings

    def _chip(self, image: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Align and crop the face for the network: (150, 150, 3)."""
        dlib = self._dlib
        parts = [dlib.point(round(x), round(y)) for x, y in points.tolist()]
        box = dlib.rectangle(0, 0, image.shape[1] - 1, image.shape[0] - 1)  # required, but not used
        face = dlib.full_object_detection(box, parts)
        return dlib.get_face_chip(np.ascontiguousarray(image), face, _CHIP_SIDE, _CHIP_PADDING)


def load(files: Mapping[str, Path], device: Callable[[], str]) -> DlibIdentity:
    """The network; it runs on the CPU."""
    return DlibIdentity()
