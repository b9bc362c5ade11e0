"""The one bicubic resize: Pillow's pixels, rounded in one fixed order.

The fixed order is its purpose: a resized face has the same bytes whatever release of Pillow is
installed, while Pillow's own order changed in release 13 (see `bicubic`). It is also faster: matrix
products of whole batches are 2.4 to 2.7 times as fast as Pillow 13, picture by picture, on an AMD
EPYC with AVX-512, and 1.3 to 1.9 times on an Intel Xeon (`benchmarks/resize_rates.py`, one core).
"""

from collections.abc import Iterator
from functools import lru_cache

import cv2
import numpy as np

_CUBIC_A = -0.5  # Keys' cubic, third-order accurate; Pillow's and MATLAB's choice (OpenCV: -0.75)
_SUPPORT = 2.0  # the kernel is zero from here on, in pixels of the coarser grid
_FRACTION_BITS = 22  # Pillow's fixed point: 8 bits of pixel and 2 of overshoot left in an int32
_BLOCK_BYTES = 2 << 20  # of float64 at a time: the fastest measured, about the cache of one core


def bicubic(images: np.ndarray, height: int, width: int) -> np.ndarray:
    """Resize a batch of images by antialiased bicubic interpolation.

    `images` is uint8 (N, H, W, C) with C = 1 (gray) or 3; the result is a new uint8 array
    (N, height, width, C). There are always four axes, so that one RGB image is not mistaken for a
    batch of gray ones: write `bicubic(image[None], ...)` or `bicubic(gray[..., None], ...)`.

    Bit-identical to Pillow's `Image.resize((width, height), Image.Resampling.BICUBIC)`: a shrinking
    kernel is widened by the ratio, at the border it is cut and renormalised, and the width is
    resized and rounded to uint8 before the height. Pillow 13 resizes the height first if
    H - height > 2 (W - width) and H > height. Ours always resizes the width first, as Pillow does
    up to release 12, and every release does from a square to a square.

    Raises ValueError for any other shape or type, and for an empty target.
    """
    _check(images, height, width)
    if images.shape[1:3] == (height, width):
        return images.copy()
    return _resize_height(_resize_width(np.ascontiguousarray(images), width), height)


def _check(images: np.ndarray, height: int, width: int) -> None:
    if images.dtype != np.uint8:
        raise ValueError(f"bicubic resizes uint8 images (0-255), got {images.dtype}")
    if images.ndim != 4 or images.shape[3] not in (1, 3) or 0 in images.shape[1:]:
        raise ValueError(f"images must be (N, H, W, 1) or (N, H, W, 3), got {images.shape}")
    if height < 1 or width < 1:
        raise ValueError(f"cannot resize to {height} x {width} (height x width) pixels")


def _resize_width(images: np.ndarray, width: int) -> np.ndarray:
    count, height, width_in, channels = images.shape
    if width == width_in:
        return images
    rows = images.reshape(count * height, width_in, channels)
    resized = np.empty((len(rows), width, channels), np.uint8)
    for block in _blocks(len(rows), max(width_in, width) * channels):
        # OpenCV swaps axes ten times faster than NumPy, and the products need W first
        columns = cv2.transpose(rows[block]).reshape(1, width_in, -1)  # (1, W, rows * C)
        columns = _weigh(columns, width).reshape(width, -1, channels)
        resized[block] = cv2.transpose(columns).reshape(-1, width, channels)
    return resized.reshape(count, height, width, channels)


def _resize_height(images: np.ndarray, height: int) -> np.ndarray:
    count, height_in, width, channels = images.shape
    if height == height_in:
        return images
    lines = images.reshape(count, height_in, width * channels)
    resized = np.empty((count, height, width * channels), np.uint8)
    for block in _blocks(count, max(height_in, height) * width * channels):
        resized[block] = _weigh(lines[block], height)
    return resized.reshape(count, height, width, channels)


def _blocks(count: int, values: int) -> Iterator[slice]:
    """Cut `count` items of `values` numbers each into blocks that fit the cache as float64."""
    step = max(1, _BLOCK_BYTES // (8 * values))
    return (slice(start, start + step) for start in range(0, count, step))


def _weigh(lines: np.ndarray, size: int) -> np.ndarray:
    """Resample axis 1 of uint8 (N, A, B) to `size` lines by matrix products, rounded to uint8.

    float64 holds every sum exactly (at most 2^32 in units of 2^-22), so the order in which BLAS
    adds does not matter and the rounding is that of integers.
    """
    values = lines.astype(np.float64)
    sums = np.empty((lines.shape[0], size, lines.shape[2]))
    for first, start, weights in _bands(lines.shape[1], size):
        outputs, inputs = weights.shape
        source = values[:, start : start + inputs]
        np.matmul(weights, source, out=sums[:, first : first + outputs])
    return _rounded(sums.reshape(-1, lines.shape[2])).reshape(sums.shape)


def _rounded(sums: np.ndarray) -> np.ndarray:
    """Multiples of 2^-22 (A, B) as uint8: halves up, as Pillow rounds, and clipped to 0 to 255.

    OpenCV rounds and clips in one pass, but halves to even ones; a quarter of a unit more leaves no
    halves. (Its `add` would read an array of four sums as a number's four channels.)
    """
    more = 2.0 ** -(_FRACTION_BITS + 2)
    return cv2.addWeighted(sums, 1, sums, 0, more, dtype=cv2.CV_8U)


@lru_cache(maxsize=1024)
def _bands(size_in: int, size: int) -> tuple[tuple[int, int, np.ndarray], ...]:
    """Cut the (size, size_in) matrix of weights into bands of outputs, without their zeros.

    Each is (first output, first input, weights). Four outputs of the coarser grid per band were
    fastest, and eight where few inputs make an output: fewer waste calls, more multiply zeros.
    """
    starts, weights = _weights(size_in, size)
    taps = weights.shape[1]
    step = (8 if size_in < 3 * size else 4) * max(1, size // size_in)
    bands = []
    for first in range(0, size, step):
        rows = slice(first, min(first + step, size))
        start = starts[rows][0]
        band = np.zeros((rows.stop - first, starts[rows][-1] + taps - start))
        for row, offset, values in zip(band, starts[rows] - start, weights[rows], strict=True):
            row[offset : offset + taps] = values
        bands.append((first, int(start), band[:, : size_in - start]))
    return tuple(bands)


def _weights(size_in: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first input (size,) and the weights (size, taps) of every output line.

    Weights are normalised over the inputs that exist, then rounded to multiples of 2^-22.
    """
    ratio = size_in / size
    stretch = max(ratio, 1.0)
    centres = (np.arange(size) + 0.5) * ratio
    starts = np.maximum(centres - _SUPPORT * stretch + 0.5, 0).astype(int)
    stops = np.minimum(centres + _SUPPORT * stretch + 0.5, size_in).astype(int)
    inputs = starts[:, None] + np.arange((stops - starts).max())
    weights = _cubic((inputs - centres[:, None] + 0.5) * (1 / stretch))
    weights[inputs >= stops[:, None]] = 0
    # cumsum adds from left to right like Pillow; sum would add in pairs, another last bit
    weights /= np.cumsum(weights, axis=1)[:, -1:]
    scale = 1 << _FRACTION_BITS
    return starts, np.trunc(weights * scale + np.copysign(0.5, weights)) / scale


def _cubic(x: np.ndarray) -> np.ndarray:
    """Evaluate Keys' kernel (IEEE ASSP 29, 1981, eq. 4 with a = -0.5) at distances `x`."""
    x, a = np.abs(x), _CUBIC_A
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * a
    return np.where(x < 1, near, np.where(x < _SUPPORT, far, 0.0))
