"""Scores of super-resolved faces against the originals: one number per image.

Images are uint8 (N, H, W, 3) RGB. Several protocols are in use; each has a name here:

| protocol | compares                  | border         | SSIM              | as in           |
|----------|---------------------------|----------------|-------------------|-----------------|
| dic      | Y, rounded to levels      | `scale` px cut | of Y              | DIC             |
| sparnet  | Y, truncated to levels    | kept           | of Y              | SPARNet, CTCNet |
| rgb      | the three channels        | kept           | mean of three     | pyiqa's PSNR    |

Y is that of BT.601, 16 + (65.481 R + 128.553 G + 24.966 B) / 255, from 16 to 235. The peak of PSNR
is 255 nevertheless. SSIM (Wang et al., IEEE TIP 13, 2004) has an 11x11 Gaussian window of sigma
1.5, K1 = 0.01, K2 = 0.03, L = 255; its mean is over the windows that are inside the compared area.

https://github.com/Maclory/Deep-Iterative-Collaboration/blob/master/code/utils/util.py
https://github.com/chaofengc/Face-SPARNet/blob/master/psnr_ssim.py
"""

from collections.abc import Iterator
from typing import Literal

import cv2
import numpy as np

Protocol = Literal["dic", "sparnet", "rgb"]

_PEAK = 255.0
_WINDOW_RADIUS, _WINDOW_SIGMA = 5, 1.5
_WINDOW = np.exp(-0.5 * (np.arange(-_WINDOW_RADIUS, _WINDOW_RADIUS + 1) / _WINDOW_SIGMA) ** 2)
_WINDOW /= _WINDOW.sum()
_C1, _C2 = (0.01 * _PEAK) ** 2, (0.03 * _PEAK) ** 2


def psnr(sr: np.ndarray, hr: np.ndarray, protocol: Protocol, scale: int) -> np.ndarray:
    """Return the peak signal-to-noise ratio of each image in dB: (N,) float64.

    `scale` is the super-resolution factor; only `dic` uses it. Equal images score inf, so that a
    mean over images would also be inf. Raises ValueError for images that are not comparable.
    """
    errors = [((x - y) ** 2).mean() for x, y in _compared(sr, hr, protocol, scale)]
    with np.errstate(divide="ignore"):
        return 10 * np.log10(_PEAK**2 / np.array(errors))


def ssim(sr: np.ndarray, hr: np.ndarray, protocol: Protocol, scale: int) -> np.ndarray:
    """Return the structural similarity of each image, at most 1: (N,) float64.

    `scale` is the super-resolution factor; only `dic` uses it. Equals scikit-image's with
    `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255`.
    Raises ValueError for images that are not comparable or smaller than the window.
    """
    return np.array([_similarity(x, y) for x, y in _compared(sr, hr, protocol, scale)])


def _compared(
    sr: np.ndarray, hr: np.ndarray, protocol: Protocol, scale: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the planes of one pair at a time: the maps of one 128 x 128 image fit the cache."""
    if sr.shape != hr.shape or hr.ndim != 4 or hr.shape[3] != 3:
        raise ValueError(f"sr and hr must both be (N, H, W, 3), got {sr.shape} and {hr.shape}")
    if sr.dtype != np.uint8 or hr.dtype != np.uint8:
        raise ValueError(f"sr and hr must be uint8 (0-255), got {sr.dtype} and {hr.dtype}")
    for pair in zip(sr, hr, strict=True):
        yield tuple(_planes(image, protocol, scale) for image in pair)


def _planes(image: np.ndarray, protocol: Protocol, scale: int) -> np.ndarray:
    """Convert an image to the planes that the protocol compares: float64 (1 or 3, H, W), 0-255."""
    match protocol:
        case "dic":
            if scale < 1 or min(image.shape[:2]) <= 2 * scale:
                size = f"{image.shape[0]} x {image.shape[1]}"
                raise ValueError(f"cannot cut a border of {scale} px off {size} pixels")
            return np.rint(_luma(image[scale:-scale, scale:-scale]))
        case "sparnet":
            return np.floor(_luma(image))
        case "rgb":
            return np.moveaxis(image, 2, 0).astype(np.float64, order="C")
        case _:
            raise ValueError(f"unknown protocol {protocol!r}; available: dic, sparnet and rgb")


def _luma(image: np.ndarray) -> np.ndarray:
    """Return the unrounded Y of (H, W, 3): (1, H, W).

    The sum is exact, which truncation needs: white must be 16 + 219 = 235 and not 234.99.
    """
    red, green, blue = (image[None, ..., channel] for channel in range(3))
    thousandths = red * np.int32(65481) + green * np.int32(128553) + blue * np.int32(24966)
    return 16 + thousandths / 255_000


def _similarity(x: np.ndarray, y: np.ndarray) -> float:
    """The mean of the paper's eq. 13 over all windows inside the planes (P, H, W)."""
    height, width = x.shape[1:]
    if min(height, width) <= 2 * _WINDOW_RADIUS:
        raise ValueError(f"SSIM needs 11 x 11 pixels or more, got {height} x {width}")
    mean_x, mean_y = _averages(x), _averages(y)
    product, squares = mean_x * mean_y, mean_x * mean_x + mean_y * mean_y
    covariance = _averages(x * y) - product
    variances = _averages(x * x + y * y) - squares  # the sum of both suffices
    similarity = (2 * product + _C1) * (2 * covariance + _C2)
    return (similarity / ((squares + _C1) * (variances + _C2))).mean()


def _averages(planes: np.ndarray) -> np.ndarray:
    """Means under the Gaussian window wherever it is inside: (P, H - 10, W - 10)."""
    # all planes as one tall image: the rows in which they mix are cut off
    tall = cv2.sepFilter2D(planes.reshape(-1, planes.shape[2]), cv2.CV_64F, _WINDOW, _WINDOW)
    inside = slice(_WINDOW_RADIUS, -_WINDOW_RADIUS)
    return tall.reshape(planes.shape)[:, inside, inside]
