"""A drawing surface in head units: masks, strokes, and smooth bumps with subpixel outlines.

Legend: H, W pixels of a canvas. Colour images are planar, (3, H, W) float32 in linear light, and
single colours (3, 1, 1): numpy broadcasts over the last axes fastest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from drawn.functions import exp, raised

_SHIFT = 4  # cv2 takes subpixel coordinates as integers with this many fractional bits


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """A rectangle of the head's frontal plane: x to the right, y down, 1 unit = about 70 mm.

    `left` and `top` are in units, `scale` in pixels per unit; pixel centres are at
    (column + 0.5) / scale + left.
    """

    scale: float
    left: float
    top: float
    width: int
    height: int

    @cached_property
    def x(self) -> np.ndarray:
        """(1, width) units."""
        return ((np.arange(self.width, dtype=np.float32) + 0.5) / self.scale + self.left)[None]

    @cached_property
    def y(self) -> np.ndarray:
        """(height, 1) units."""
        return ((np.arange(self.height, dtype=np.float32) + 0.5) / self.scale + self.top)[:, None]

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Units to pixels (pixel centres at integers)."""
        return (np.asarray(points) - (self.left, self.top)) * self.scale - 0.5

    def shrink(self, factor: int) -> Canvas:
        """The same rectangle with `factor` times fewer pixels per side."""
        width, height = -(-self.width // factor), -(-self.height // factor)
        return Canvas(
            scale=self.scale / factor, left=self.left, top=self.top, width=width, height=height
        )

    def window(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple[Canvas, tuple[slice, slice]]:
        """A part of this canvas, on the same pixels, and its slices in this canvas's arrays."""
        (x0, y0), (x1, y1) = np.round(self.pixels([(left, top), (right, bottom)])).astype(int)
        x0, y0 = min(max(x0, 0), self.width - 2), min(max(y0, 0), self.height - 2)
        x1, y1 = min(max(x1, x0 + 2), self.width), min(max(y1, y0 + 2), self.height)
        part = Canvas(
            scale=self.scale,
            left=self.left + x0 / self.scale,
            top=self.top + y0 / self.scale,
            width=x1 - x0,
            height=y1 - y0,
        )
        return part, (slice(y0, y1), slice(x0, x1))

    def around(self, points: np.ndarray, margin: float) -> tuple[Canvas, tuple[slice, slice]]:
        """The window that contains `points` with a margin of `margin` units."""
        (left, top), (right, bottom) = np.min(points, 0) - margin, np.max(points, 0) + margin
        return self.window(left, top, right, bottom)

    def _fixed(self, points: np.ndarray) -> np.ndarray:
        return np.round(self.pixels(points) * (1 << _SHIFT)).astype(np.int32)

    def fill(self, *polygons: np.ndarray) -> np.ndarray:
        """(height, width) coverage in [0, 1] of the polygons (even-odd), edges antialiased."""
        mask = np.zeros((self.height, self.width), np.uint8)
        cv2.fillPoly(mask, [self._fixed(p) for p in polygons], 255, cv2.LINE_AA, _SHIFT)
        return mask.astype(np.float32) * (1 / 255)

    def stamp(self, classes: np.ndarray, polygon: np.ndarray, label: int) -> None:
        """Write `label` into `classes` wherever the polygon covers at least half of a pixel."""
        part, where = self.around(polygon, 4 / self.scale)
        classes[where][part.fill(polygon) >= 0.5] = label

    def stroke(self, lines: list[np.ndarray] | np.ndarray, width: float) -> np.ndarray:
        """(height, width) coverage in [0, 1] of polylines (N, 2) `width` units thick.

        Lines thinner than a pixel are drawn one pixel wide and fainter.
        """
        pixels = width * self.scale
        mask = np.zeros((self.height, self.width), np.uint8)
        together = isinstance(lines, np.ndarray)
        fixed = list(self._fixed(lines)) if together else [self._fixed(line) for line in lines]
        cv2.polylines(mask, fixed, False, 255, max(1, round(pixels)), cv2.LINE_AA, _SHIFT)
        return mask.astype(np.float32) * (min(1.0, pixels) / 255)

    def blur(self, image: np.ndarray, sigma: float) -> np.ndarray:
        """Gaussian blur, `sigma` in units."""
        return cv2.GaussianBlur(image, (0, 0), max(sigma * self.scale, 0.1))

    def bump(self, x: float, y: float, sigma_x: float, sigma_y: float) -> np.ndarray:
        """(height, width) axis-aligned Gaussian of height 1."""
        across = exp(-0.5 * ((self.x - float(x)) / float(sigma_x)) ** 2)
        return exp(-0.5 * ((self.y - float(y)) / float(sigma_y)) ** 2) * across

    def sample(self, texture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """`texture`, defined on this canvas, read at points in units; the border is repeated.

        Floats are interpolated; integers (classes) are those of the nearest pixel.
        """
        column = ((x - self.left) * self.scale - 0.5).astype(np.float32)
        row = ((y - self.top) * self.scale - 0.5).astype(np.float32)
        way = cv2.INTER_LINEAR if texture.dtype == np.float32 else cv2.INTER_NEAREST
        return cv2.remap(texture, column, row, way, borderMode=cv2.BORDER_REPLICATE)


def curve(points: np.ndarray, *, closed: bool) -> np.ndarray:
    """A smooth line (centripetal-like Catmull-Rom, 8 steps a segment) through `points` (N, 2)."""
    points = np.asarray(points, np.float64)
    if closed:
        padded = np.concatenate([points[-1:], points, points[:2]])
    else:
        first, last = 2 * points[:1] - points[1:2], 2 * points[-1:] - points[-2:-1]
        padded = np.concatenate([first, points, last])
    a, b, c, d = (padded[i : len(padded) - 3 + i, None] for i in range(4))
    t = (np.arange(8) / 8)[None, :, None]
    bends = (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t * t * t
    line = (b + 0.5 * ((c - a) * t + bends)).reshape(-1, 2)
    return line if closed else np.concatenate([line, points[-1:]])


def mirror(points: np.ndarray) -> np.ndarray:
    """The points on the other side of the face."""
    return np.asarray(points) * (-1, 1)


def smoothstep(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, a smooth rise between."""
    t = np.clip((value - float(low)) / float(high - low), 0, 1)
    return t * t * (3 - 2 * t)


def tint(red: float, green: float, blue: float) -> np.ndarray:
    """(3, 1, 1) float32 factors of linear light."""
    return np.array((red, green, blue), np.float32)[:, None, None]


def linear(red: float, green: float, blue: float) -> np.ndarray:
    """sRGB 0-255 (taken as power 2.2) to (3, 1, 1) linear light 0-1, float32."""
    return raised(tint(red, green, blue) / 255, 2.2)


def resize(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """(..., H, W) to (..., height, width), bilinear; area averages when shrinking."""
    way = cv2.INTER_AREA if height < image.shape[-2] else cv2.INTER_LINEAR
    if image.ndim == 2:
        return cv2.resize(image, (width, height), interpolation=way)
    resized = np.empty((len(image), height, width), np.float32)
    for plane, target in zip(image, resized, strict=True):
        cv2.resize(plane, (width, height), dst=target, interpolation=way)
    return resized
