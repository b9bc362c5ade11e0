"""Functions of arrays that give bit-identical results on every x86-64 processor.

NumPy rounds sums, products, quotients and square roots as IEEE 754 requires, but its exponentials,
sines, powers and matrix products depend on the processor. OpenCV has one implementation for all
processors, if `cv2.setUseOptimized(False)` has disabled the others, as `drawn.photograph.render`
does. What OpenCV computes here is float32.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np


def _by_opencv(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    column = np.asarray(x, np.float32).reshape(-1, 1)
    return function(column).reshape(np.shape(x))


def exp(x: np.ndarray) -> np.ndarray:
    """e to the x."""
    return _by_opencv(cv2.exp, x)


def sine(x: np.ndarray) -> np.ndarray:
    """Sine of x in radians."""
    return _by_opencv(lambda angles: cv2.polarToCart(np.ones_like(angles), angles)[1], x)


def raised(x: np.ndarray, exponent: float) -> np.ndarray:
    """x to the power of the exponent; x must not be negative."""
    return _by_opencv(lambda base: cv2.pow(base, exponent), x)


def direction(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The angle of the vector (x, y) from the x axis, in radians, -pi to pi; 0 for (0, 0)."""
    shape = np.broadcast_shapes(np.shape(x), np.shape(y))
    x, y = (np.broadcast_to(a, shape).astype(np.float32).reshape(-1, 1) for a in (x, y))
    turned = cv2.phase(x, y)
    cosines, sines = cv2.polarToCart(np.ones_like(turned), turned)
    beside, along = y * cosines - x * sines, x * cosines + y * sines
    turned += beside / np.maximum(along, np.float32(1e-30))  # `phase` is off by up to 2e-4
    return np.where(turned > np.pi, turned - np.float32(2 * np.pi), turned).reshape(shape)


def distance(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The distance of (x, y) from the origin."""
    return np.sqrt(x * x + y * y)


def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The matrix product of (M, K) and (K, N), or of (K,) and (K, N), added in order."""
    return (left[..., None] * right).sum(axis=-2)
