"""Alignment of faces for face recognition networks."""

import cv2
import numpy as np

from wnet.landmarks.ibug68 import five_points

SIDE = 112
TEMPLATE = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655),
     (70.7299, 92.2041)]
)  # fmt: skip
"""InsightFace's positions of eyes, nose tip and mouth corners, in pixels of 112 x 112.

https://github.com/deepinsight/insightface/blob/master/python-package/insightface/utils/face_align.py
"""


def align(images: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Faces (N, H, W, 3) uint8 RGB, moved onto the template by their landmarks: (N, 112, 112, 3).

    points: (N, 68, 2) x, y in pixels. Pixels outside a picture are black, as in InsightFace.
    """
    aligned = np.empty((len(images), SIDE, SIDE, 3), np.uint8)
    for row, matrix in enumerate(similarity(five_points(points.astype(np.float64)), TEMPLATE)):
        aligned[row] = cv2.warpAffine(images[row], matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return aligned


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The rotation, scale and shift that best map points (N, K, 2) to (K, 2): (N, 2, 3).

    Least squares: with points as complex numbers the map is z -> a z + b, a linear regression
    (Umeyama, PAMI 13, 1991, without mirroring).
    """
    z, w = source[..., 0] + 1j * source[..., 1], target[..., 0] + 1j * target[..., 1]
    centred = z - z.mean(axis=-1, keepdims=True)
    a = (centred.conj() * (w - w.mean())).sum(axis=-1) / (np.abs(centred) ** 2).sum(axis=-1)
    b = w.mean() - a * z.mean(axis=-1)
    rows = [[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]]
    return np.array(rows).transpose(2, 0, 1)
