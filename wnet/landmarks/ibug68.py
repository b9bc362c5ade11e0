"""The 68 landmarks of a face in iBUG-68 order, and geometry that needs only the points.

Jaw 0-16, brows 17-26, nose 27-35 (tip 30), the person's right and left eye 36-41 and 42-47,
mouth 48-67. https://ibug.doc.ic.ac.uk/resources/facial-point-annotations/
"""

from dataclasses import dataclass

import numpy as np

OUTER_EYE_CORNERS = (36, 45)
INNER = slice(17, 68)
"""All landmarks but the jaw's, which are the least accurate."""

# Thousandths of the radius, the root mean square distance from the centre: the mean of dlib's
# landmarks in 410 photographs of upright faces, made symmetric.
_MEAN = np.array(
    [
        *((-1331, -691), (-1319, -341), (-1280, 9), (-1215, 354), (-1088, 678), (-883, 960)),
        *((-624, 1198), (-332, 1393), (0, 1450), (332, 1393), (624, 1198), (883, 960)),
        *((1088, 678), (1215, 354), (1280, 9), (1319, -341), (1331, -691), (-1081, -956)),
        *((-914, -1096), (-686, -1134), (-452, -1098), (-230, -1004), (230, -1004)),
        *((452, -1098), (686, -1134), (914, -1096), (1081, -956), (0, -741), (0, -511)),
        *((0, -281), (0, -47), (-257, 102), (-133, 149), (0, 191), (133, 149), (257, 102)),
        *((-812, -707), (-669, -793), (-496, -789), (-348, -675), (-510, -645), (-679, -647)),
        *((348, -675), (496, -789), (669, -793), (812, -707), (679, -647), (510, -645)),
        *((-532, 511), (-336, 435), (-141, 399), (0, 432), (141, 399), (336, 435), (532, 511)),
        *((345, 707), (153, 793), (0, 809), (-153, 793), (-345, 707), (-449, 526), (-143, 514)),
        *((0, 529), (143, 514), (449, 526), (145, 617), (0, 635), (-145, 617)),
    ],
    np.int64,
)
_ALONG, _ACROSS = _MEAN.ravel(), (_MEAN[:, ::-1] * (-1, 1)).ravel()  # itself, and a quarter turned
_SQUARES = int(_ALONG @ _ALONG)

_SWAPPED = {
    **{i: 16 - i for i in range(17)},
    **{i: 43 - i for i in range(17, 27)},
    **{31: 35, 32: 34, 36: 45, 37: 44, 38: 43, 39: 42, 40: 47, 41: 46},
    **{48: 54, 49: 53, 50: 52, 55: 59, 56: 58, 60: 64, 61: 63, 65: 67},
}
MIRROR = tuple((_SWAPPED | {j: i for i, j in _SWAPPED.items()}).get(i, i) for i in range(68))
"""For each of the 68 points, the index of the point that replaces it in a mirrored picture."""


def in_sixteenths(points: np.ndarray) -> np.ndarray:
    """The points rounded to sixteenths of a pixel.

    The last bits of a network's output depend on the processor; rounded, they rarely move a crop.
    """
    return np.round(points * 16) / 16


@dataclass(frozen=True)
class Similarity:
    """The similarity transform that best fits the mean face to 68 landmarks.

    Attributes:
        centre: (2,) x, y of the landmarks' mean. radius: root mean square distance of the mean
            face's points from it, in pixels. cosine: of the angle by which the face is rotated from
            upright. residual: root mean square distance of the landmarks from the fit, in radii.
    """

    centre: np.ndarray
    radius: float
    cosine: float
    residual: float


def similarity(points: np.ndarray) -> Similarity:
    """Fit the mean face to (68, 2) landmarks, rounded to sixteenths of a pixel.

    Sums are of integers, so that the result is the same on every processor.
    """
    sixteenths = np.round(points * 16).astype(np.int64)
    total = sixteenths.sum(axis=0)
    face = (68 * sixteenths - total).ravel()
    along, across, own = int(_ALONG @ face), int(_ACROSS @ face), int(face @ face)
    common = along**2 + across**2
    centre = total / (68 * 16)
    if not common:
        return Similarity(centre, 0.0, 0.0, float("inf"))
    length = common**0.5
    radius = length / _SQUARES * 1000 / (68 * 16)
    residual = (max(own * _SQUARES - common, 0) / common) ** 0.5
    return Similarity(centre, radius, along / length, residual)


def five_points(points: np.ndarray) -> np.ndarray:
    """The five points of CelebA's annotations from 68 landmarks: (..., 68, 2) to (..., 5, 2).

    Centres of the eye in the left and the right of the picture, nose tip, mouth corners.
    """
    eyes = [points[..., 36:42, :].mean(-2), points[..., 42:48, :].mean(-2)]
    return np.stack([*eyes, points[..., 30, :], points[..., 48, :], points[..., 54, :]], axis=-2)


def disagreement(points: np.ndarray, official: np.ndarray) -> float:
    """Mean distance of the landmarks to CelebA's five points, divided by the distance of the eyes.

    points: (68, 2); official: (10,) x, y of the five points. The DIC protocol filters wrongly found
    faces by it (https://github.com/Maclory/Deep-Iterative-Collaboration/issues/10).
    """
    truth = np.asarray(official, np.float64).reshape(5, 2)
    distance = np.linalg.norm(five_points(points) - truth, axis=1).mean()
    return float(distance / np.linalg.norm(truth[0] - truth[1]))
