"""The 19-class parsing map of a face crop, from its 68 points and its colours alone.

Every pixel gets the class with the most votes. Votes are a log-linear model (multinomial logistic
regression) of hand-made measurements (`evidence`), fitted once (`votes`); it adapts to a photograph
through the outlines and colour statistics of that photograph. It replaces BiSeNet if there are no
weights: skin, brows, eyes, nose and mouth follow the points; hair, neck and ears are guessed by
colour and position; glasses, jewellery, clothes and hats are not detected.
"""

from __future__ import annotations

import cv2
import numpy as np

from wnet.parsing.classes import CLASSES
from wnet.parsing.evidence import measure
from wnet.parsing.outlines import to_working_grid
from wnet.parsing.votes import COLUMNS, VOTES

GROUND = {2: "brow", 4: "eye", 10: "nose", 11: "lips", 12: "lips", 13: "lips"}
"""The outline that a class must be near; out of its reach ("near" is -1) it gets no votes."""

_STEPS = 4096  # of a measurement, to its unit


def classes_by_landmarks(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Classes (H, W) uint8 in BiSeNet's order of an (H, W, 3) uint8 RGB crop of a face.

    `points` (68, 2): x, y of iBUG-68 in the crop's pixels, with pixel centres at integers; they may
    be outside the crop. Raises ValueError for another shape or type and for points that are not
    finite, VanishingFace for points that span hardly any of the crop.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ValueError(f"a crop is (H, W, 3) uint8 RGB, not {image.shape} {image.dtype}")
    if points.shape != (68, 2):
        raise ValueError(f"landmarks have the shape (68, 2), not {points.shape}")
    if not np.isfinite(points).all():
        first = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise ValueError(
            f"point {first} is {points[first].tolist()}: a face without landmarks cannot be parsed"
        )
    cv2.setUseOptimized(False)  # only the parts of OpenCV that round the same on every processor
    grid, frame = to_working_grid(image, points.astype(np.float64))
    votes = _count_votes(measure(grid, frame))
    return _name_sides(_most_voted(votes, image.shape[:2]), points)


def _count_votes(planes: dict[str, np.ndarray]) -> np.ndarray:
    """The votes (C, H, W) for each of COLUMNS from the measurements (H, W).

    Measurements are rounded, so that sums of their products with the table's integers are exact in
    float64, in whatever order BLAS adds. Each product is of one row of pixels, too small for BLAS
    to start threads.
    """
    table = np.array([VOTES[name] for name in planes], np.float64).T
    rows = np.stack(list(planes.values()), axis=1, dtype=np.float32)
    np.round(np.multiply(rows, _STEPS, out=rows), out=rows)
    votes = (table @ rows.astype(np.float64) / (100 * _STEPS)).astype(np.float32).swapaxes(0, 1)
    for column, identity in enumerate(COLUMNS):
        if identity in GROUND:
            votes[column][planes[f"{GROUND[identity]} near"] <= -1] = -1e3
    return votes


def _most_voted(votes: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The class with the most votes (C, h, w) at each pixel of a picture of another shape."""
    best = np.full(shape, -np.inf, np.float32)
    classes = np.zeros(shape, np.uint8)
    for identity, plane in zip(COLUMNS, votes, strict=True):
        plane = cv2.resize(plane, shape[::-1], interpolation=cv2.INTER_LINEAR)
        classes[plane > best] = identity
        np.maximum(best, plane, out=best)
    return classes


def _name_sides(classes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Make brows, eyes, and ears on the picture's left the person's right ones.

    The sides are divided by the line through the bridge of the nose, at right angles to that of the
    eyes.
    """
    across = points[42:48].mean(0) - points[36:42].mean(0)
    y, x = np.indices(classes.shape, sparse=True)
    right = (x - points[27, 0]) * across[0] + (y - points[27, 1]) * across[1] < 0
    paired = np.isin(classes, [CLASSES.index(name) for name in ("l_brow", "l_eye", "l_ear")])
    return classes + (paired & right).astype(np.uint8)  # r_ follows l_ in the order
