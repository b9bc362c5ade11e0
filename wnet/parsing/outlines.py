"""Smooth outlines of the components of a face from 68 points, and distances to them.

Everything is measured in the face's own frame: upright, centred on the 51 inner points, and with
their root mean square distance from the centre as the unit ("radius").
Legend: H, W working pixels, RADIUS_PIXELS of them to the radius; N vertices.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

RADIUS_PIXELS = 26.0  # as in a 128-pixel crop with the usual margin; all blurs below assume it
LARGEST_SIDE = 1024  # working pixels; beyond it, the face is too small in its crop

# The outlines: (points of iBUG-68, their offsets (x, y) in radii, which of them are corners).
# The offsets were found by coordinate descent to maximise the mean IoU with hand-drawn masks of 400
# photographs (CelebAMask-HQ, dlib's points); those of the nose and the mouth are made symmetric.
# Eyes and brows are the person's right ones; the left ones mirror them.
_EYE = (
    (36, 37, 38, 39, 40, 41),
    ((0.01, -0.02), (-0.03, 0), (0.01, 0), (-0.01, -0.03), (-0.04, -0.02), (0.01, -0.02)),
    (0, 3),
)
_BROW = (
    (17, 18, 19, 20, 21, 21, 20, 19, 18, 17),
    ((0.02, -0.01), (0.01, -0.01), (0.04, -0.01), (-0.07, -0.04), (-0.04, -0.04))
    + ((-0.05, 0.09), (-0.14, 0.09), (0.32, 0.17), (0.04, 0.11), (0.12, -0.01)),
    (0, 4, 5, 9),
)
_NOSE = (
    (27, 27, 28, 29, 31, 31, 32, 33, 34, 35, 35, 29, 28),
    ((0.17, -0.07), (-0.17, -0.07), (-0.27, 0.36), (-0.25, -0.10), (-0.13, -0.21), (-0.08, -0.03))
    + ((0.04, 0), (0, -0.03), (-0.04, 0))
    + ((0.08, -0.03), (0.13, -0.21), (0.25, -0.10), (0.27, 0.36)),
    (0, 1),
)
_LIPS = (
    (48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59),
    ((0.01, -0.01), (-0.04, -0.01), (-0.05, -0.01), (0, -0.03), (0.05, -0.01), (0.04, -0.01))
    + ((-0.01, -0.01), (-0.01, -0.01), (-0.04, -0.01), (0, -0.01), (0.04, -0.01), (0.01, -0.01)),
    (0, 6),
)
_MOUTH = (
    (60, 61, 62, 63, 64, 65, 66, 67),
    ((-0.01, -0.01), (-0.04, -0.01), (0, -0.01), (0.04, -0.01))
    + ((0.01, -0.01), (-0.04, -0.01), (0, -0.05), (0.04, -0.01)),
    (0, 4),
)
_MIRROR = np.array(
    [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, *range(35, 30, -1)]
    + [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
    + [*range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1)]
)
_FOREHEAD = 0.85  # its height above the jaw's ends, in lengths of points 8 to 27; mid hairline


class VanishingFace(ValueError):
    """The landmarks span too little of the crop to parse it; the message says how little."""


@dataclass(frozen=True)
class Frame:
    """A face's frame on the working grid."""

    points: np.ndarray
    """(68, 2) in radii, x to the picture's right, y down the face."""
    centre: np.ndarray
    """(2,) x, y in working pixels."""
    axes: np.ndarray
    """(2, 2): the unit vectors of x and y, as rows, in the picture."""

    def to_pixels(self, vertices: np.ndarray) -> np.ndarray:
        """Convert vertices (N, 2) from radii to working pixels."""
        return _products(vertices, self.axes) * RADIUS_PIXELS + self.centre

    def coordinates(self, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """The coordinates x and y of every pixel in radii, (H, W) each."""
        right = np.arange(shape[1]) - self.centre[0]
        down = np.arange(shape[0])[:, None] - self.centre[1]
        x, y = ((right * a + down * b) / RADIUS_PIXELS for a, b in self.axes)
        return x.astype(np.float32), y.astype(np.float32)


def to_working_grid(image: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, Frame]:
    """Resize a crop so that its face has the working size; returns it with the face's frame.

    Raises VanishingFace if the 68 points span no face, or too little of the crop.
    """
    height, width = image.shape[:2]
    inner = points[17:]
    radius = float(np.sqrt(((inner - inner.mean(0)) ** 2).sum(1).mean()))
    if radius * LARGEST_SIDE < RADIUS_PIXELS * max(height, width):
        raise VanishingFace(
            f"the 68 points span {radius:.2f} pixels around their centre, too little in a crop of "
            f"{width}x{height}: crop closer to the face, or reject these points"
        )
    factor = RADIUS_PIXELS / radius
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    shrinks = factor < 1
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    factors = np.array(size) / (width, height)
    points = (points + 0.5) * factors - 0.5  # pixel centres are at integers
    centre = points[17:].mean(0)
    across = points[42:48].mean(0) - points[36:42].mean(0)
    right = across / max(float(np.sqrt((across * across).sum())), 1e-6)
    axes = np.array([right, (-right[1], right[0])])
    return small, Frame(_products(points - centre, axes.T) / RADIUS_PIXELS, centre, axes)


def _products(vertices: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """The product of (N, 2) and (2, 2) without BLAS, whose rounding varies."""
    return vertices[:, :1] * axes[0] + vertices[:, 1:] * axes[1]


def _spline(knots: np.ndarray) -> np.ndarray:
    """Six vertices to each span of an open Catmull-Rom curve through the knots (N, 2)."""
    if len(knots) == 2:
        return knots
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0, 1, 6, endpoint=False)[:, None, None]
    linear, square = end - before, 2 * before - 5 * start + 4 * end - after
    cube = 3 * (start - end) + after - before
    spans = start + (linear * t + square * t**2 + cube * t * t * t) / 2
    return np.concatenate([spans.swapaxes(0, 1).reshape(-1, 2), knots[-1:]])


def _outline(points: np.ndarray, component: tuple, mirrored: bool = False) -> np.ndarray:
    """The closed polygon of a component, in radii, smooth except at its corners."""
    indices, offsets, corners = (np.array(part) for part in component)
    if mirrored:
        indices, offsets = _MIRROR[indices], offsets * (-1, 1)
    knots = points[indices] + offsets
    closed = np.concatenate([knots, knots[:1]])
    ends = [*corners[1:], len(knots)]
    return np.concatenate([_spline(closed[a : b + 1]) for a, b in zip(corners, ends, strict=True)])


def _face_outline(points: np.ndarray) -> np.ndarray:
    """The jaw line, closed by half an ellipse for the forehead, in radii."""
    middle = (points[0] + points[16]) / 2
    angle = np.linspace(0, np.pi, 24)[1:-1, None]
    up = _FOREHEAD * (points[27] - points[8])
    arc = middle + (points[16] - middle) * np.cos(angle) + up * np.sin(angle)
    return np.concatenate([points[:17], arc])


def _signed_distance(
    polygons: list[np.ndarray], shape: tuple[int, int], reach: float
) -> np.ndarray:
    """Distance in radii to the nearest outline, positive inside; not less than -reach.

    The polygons are in working pixels; distances are measured on a grid twice as fine.
    """
    margin = np.ceil(reach * RADIUS_PIXELS)
    vertices = np.concatenate(polygons)
    x0, y0 = np.clip(np.floor(vertices.min(0) - margin), 0, shape[::-1]).astype(int)
    x1, y1 = np.clip(np.ceil(vertices.max(0) + margin + 1), 0, shape[::-1]).astype(int)
    distance = np.full(shape, -reach, np.float32)
    if x0 >= x1 or y0 >= y1:  # the whole component is outside the crop
        return distance
    fine = np.zeros((2 * (y1 - y0), 2 * (x1 - x0)), np.uint8)
    for polygon in polygons:
        on_fine = (polygon - (x0, y0)) * 2 + 0.5
        cv2.fillPoly(fine, [np.round(on_fine * 16).astype(np.int32)], 1, shift=4)
    inside, outside = (cv2.distanceTransform(m, cv2.DIST_L2, 3) for m in (fine, 1 - fine))
    window = cv2.resize(inside - outside, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    distance[y0:y1, x0:x1] = np.maximum(window / (2 * RADIUS_PIXELS), -reach)
    return distance


def distances(frame: Frame, shape: tuple[int, int]) -> dict[str, np.ndarray]:
    """The signed distance (H, W), in radii, to each component's outline; positive inside.

    It is clipped at -0.4 outside; that of the face at -1.
    """
    points = frame.points
    outlines = {
        "eye": [(_EYE, False), (_EYE, True)],
        "brow": [(_BROW, False), (_BROW, True)],
        "nose": [(_NOSE, False)],
        "lips": [(_LIPS, False)],
        "mouth": [(_MOUTH, False)],
    }
    planes = {"face": _signed_distance([frame.to_pixels(_face_outline(points))], shape, 1.0)}
    for name, parts in outlines.items():
        polygons = [frame.to_pixels(_outline(points, *part)) for part in parts]
        planes[name] = _signed_distance(polygons, shape, 0.4)
    return planes
