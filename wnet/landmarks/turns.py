"""Photographs rotated counterclockwise, with their points and boxes."""

from dataclasses import dataclass
from functools import cached_property
from math import cos, radians, sin

import numpy as np
from PIL import Image

from wnet.landmarks.ibug68 import in_sixteenths


@dataclass(frozen=True)
class Turn:
    """The rotation of a photograph of (height, width) by `degrees`.

    Multiples of 90 degrees only move pixels; the rest, at most 45 degrees, interpolates them.
    """

    degrees: int
    shape: tuple[int, int]

    @property
    def quarters(self) -> int:
        return round(self.degrees / 90) % 4

    @property
    def rest(self) -> int:
        """Degrees beyond a multiple of 90, -45 to 45."""
        return self.degrees - 90 * round(self.degrees / 90)

    def quartered(self, image: np.ndarray) -> np.ndarray:
        """The photograph rotated by the multiple of 90 degrees, with the same pixels."""
        return np.rot90(image, self.quarters).copy() if self.quarters else image

    def whole(self, image: np.ndarray) -> np.ndarray:
        """The photograph rotated by all degrees; empty corners are black."""
        image = self.quartered(image)
        if not self.rest:
            return image
        how = Image.Resampling.BILINEAR
        return np.asarray(Image.fromarray(image).rotate(self.rest, how, expand=True))

    def quarter_points(self, points: np.ndarray) -> np.ndarray:
        """Map points (..., 2) of the photograph to the picture that `quartered` returns."""
        height, width = self.shape
        x, y = points[..., 0], points[..., 1]
        places = ((x, y), (y, width - 1 - x), (width - 1 - x, height - 1 - y), (height - 1 - y, x))
        return np.stack(places[self.quarters], axis=-1)

    def quarter_box(self, box: np.ndarray) -> np.ndarray:
        """As `quarter_points`, for a box x, y, width, height."""
        corners = np.array([box[:2], box[:2] + box[2:] - 1])
        turned = self.quarter_points(corners)
        low, high = turned.min(axis=0), turned.max(axis=0)
        return np.concatenate([low, high - low + 1])

    def rest_undone(self, points: np.ndarray, seen: tuple[int, int]) -> np.ndarray:
        """Map points of the picture of `whole`, of (height, width) `seen`, to that of `quartered`.

        The result is rounded to sixteenths of a pixel.
        """
        if not self.rest:
            return points
        here, there = (np.array(shape[::-1]) / 2 - 0.5 for shape in (seen, self._quartered_shape))
        return in_sixteenths((points - here) @ self._rotation.T + there).astype(np.float32)

    def rest_done(self, points: np.ndarray, seen: tuple[int, int]) -> np.ndarray:
        """The inverse of `rest_undone`, without rounding."""
        if not self.rest:
            return points
        here, there = (np.array(shape[::-1]) / 2 - 0.5 for shape in (seen, self._quartered_shape))
        return (points - there) @ self._rotation + here

    @property
    def _quartered_shape(self) -> tuple[int, int]:
        return self.shape[::-1] if self.quarters % 2 else self.shape

    @cached_property
    def _rotation(self) -> np.ndarray:
        angle = radians(self.rest)
        return np.array([[cos(angle), -sin(angle)], [sin(angle), cos(angle)]])
