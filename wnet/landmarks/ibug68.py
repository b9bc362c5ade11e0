"""The 68 landmarks of a face in iBUG-68 order, and what is known of them without a picture.

Jaw 0-16, brows 17-26, nose 27-35 (tip 30), the person's right and left eye 36-41 and 42-47,
mouth 48-67. https://ibug.doc.ic.ac.uk/resources/facial-point-annotations/
"""

import numpy as np

OUTER_EYE_CORNERS = (36, 45)

_SWAPPED = {
    **{i: 16 - i for i in range(17)},
    **{i: 43 - i for i in range(17, 27)},
    **{31: 35, 32: 34, 36: 45, 37: 44, 38: 43, 39: 42, 40: 47, 41: 46},
    **{48: 54, 49: 53, 50: 52, 55: 59, 56: 58, 60: 64, 61: 63, 65: 67},
}
MIRROR = tuple((_SWAPPED | {j: i for i, j in _SWAPPED.items()}).get(i, i) for i in range(68))
"""For each of the 68 points, which one is in its place in the mirrored picture."""


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
