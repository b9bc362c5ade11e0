"""Scores of super-resolved faces against the originals: one number per image.

Images are uint8 (N, H, W, 3) RGB. The field compares by several protocols; each has a name here:

| protocol | compares                  | border         | SSIM              | as in           |
|----------|---------------------------|----------------|-------------------|-----------------|
| dic      | Y, rounded to levels      | `scale` px cut | of Y              | DIC             |
| sparnet  | Y, truncated to levels    | kept           | of Y              | SPARNet, CTCNet |
| rgb      | the three channels        | kept           | mean of three     | pyiqa's PSNR    |

Y is that of BT.601, 16 + (65.481 R + 128.553 G + 24.966 B) / 255, from 16 to 235. The peak of PSNR
is 255 all the same. SSIM (Wang et al., IEEE TIP 13, 2004) has an 11x11 Gaussian window of sigma
1.5, K1 = 0.01, K2 = 0.03, L = 255; its mean is over the windows that lie inside what is compared.

https://github.com/Maclory/Deep-Iterative-Collaboration/blob/master/code/utils/util.py
https://github.com/chaofengc/Face-SPARNet/blob/master/psnr_ssim.py
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from wnet.landmarks.ibug68 import OUTER_EYE_CORNERS

Protocol = Literal["dic", "sparnet", "rgb"]

_PEAK = 255.0
_WINDOW_RADIUS, _WINDOW_SIGMA = 5, 1.5
_C1, _C2 = (0.01 * _PEAK) ** 2, (0.03 * _PEAK) ** 2
_AT_ONCE = 4  # images: the maps of a few of 128x128 stay in the cache


def psnr(sr: np.ndarray, hr: np.ndarray, protocol: Protocol, scale: int) -> np.ndarray:
    """Return the peak signal-to-noise ratio of each image in dB: (N,) float64.

    `scale` is the super-resolution factor; only `dic` uses it. Equal images score inf, which a
    mean over images would hand on. Raises ValueError for images that are not comparable.
    """
    _check(sr, hr)
    scores = np.empty(len(hr))
    for block in _blocks(len(hr)):
        x, y = (_planes(images[block], protocol, scale) for images in (sr, hr))
        errors = ((x - y) ** 2).mean(axis=(1, 2, 3))
        with np.errstate(divide="ignore"):
            scores[block] = 10 * np.log10(_PEAK**2 / errors)
    return scores


def ssim(sr: np.ndarray, hr: np.ndarray, protocol: Protocol, scale: int) -> np.ndarray:
    """Return the structural similarity of each image, at most 1: (N,) float64.

    `scale` is the super-resolution factor; only `dic` uses it. Equals scikit-image's with
    `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=255`.
    Raises ValueError for images that are not comparable or smaller than the window.
    """
    _check(sr, hr)
    scores = np.empty(len(hr))
    windows = None
    for block in _blocks(len(hr)):
        x, y = (_planes(images[block], protocol, scale) for images in (sr, hr))
        windows = windows or _Windows(x.shape)
        scores[block] = windows.similarities(x, y).mean(axis=(1, 2, 3))
    return scores


def _check(sr: np.ndarray, hr: np.ndarray) -> None:
    if sr.shape != hr.shape or hr.ndim != 4 or hr.shape[3] != 3:
        raise ValueError(f"sr and hr must both be (N, H, W, 3), got {sr.shape} and {hr.shape}")
    if sr.dtype != np.uint8 or hr.dtype != np.uint8:
        raise ValueError(f"sr and hr must be uint8 (0-255), got {sr.dtype} and {hr.dtype}")


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + _AT_ONCE) for start in range(0, count, _AT_ONCE))


def _planes(images: np.ndarray, protocol: Protocol, scale: int) -> np.ndarray:
    """Turn images into what the protocol compares: float64 (N, 1 or 3, H, W), levels of 0-255."""
    match protocol:
        case "dic":
            if scale < 1 or min(images.shape[1:3]) <= 2 * scale:
                size = f"{images.shape[1]} x {images.shape[2]}"
                raise ValueError(f"cannot cut a border of {scale} px off {size} pixels")
            return np.rint(_luma(images[:, scale:-scale, scale:-scale]))
        case "sparnet":
            return np.floor(_luma(images))
        case "rgb":
            return np.moveaxis(images, 3, 1).astype(np.float64, order="C")
        case _:
            raise ValueError(f"unknown protocol {protocol!r}; there are dic, sparnet and rgb")


def _luma(images: np.ndarray) -> np.ndarray:
    """Return the unrounded Y of (N, H, W, 3): (N, 1, H, W).

    The sum is exact, which truncation needs: white must be 16 + 219 = 235 and not 234.99.
    """
    red, green, blue = (images[:, None, ..., channel] for channel in range(3))
    thousandths = red * np.int32(65481) + green * np.int32(128553) + blue * np.int32(24966)
    return 16 + thousandths / 255_000


class _Windows:
    """SSIM at every window of blocks of planes (N, planes, H, W).

    It works in arrays of its own: to ask for fresh ones at every step takes longer than the sums.
    """

    def __init__(self, shape: tuple[int, ...]):
        height, width = shape[2:]
        if min(height, width) <= 2 * _WINDOW_RADIUS:
            raise ValueError(f"SSIM needs 11 x 11 pixels or more, got {height} x {width}")
        offsets = np.arange(-_WINDOW_RADIUS, _WINDOW_RADIUS + 1)
        kernel = np.exp(-0.5 * (offsets / _WINDOW_SIGMA) ** 2)
        self._kernel = kernel / kernel.sum()
        self._arrays = np.empty((5, np.prod(shape[:3]), width))

    def similarities(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Eq. 13 of the paper at every window inside: (N, planes, H - 10, W - 10), until called
        again."""
        shape, width = x.shape, x.shape[3]
        # all planes as one tall image: they mix only in rows that are cut off
        x, y = x.reshape(-1, width), y.reshape(-1, width)
        product, mean_x, mean_y, covariance, variances = self._arrays[:, : len(x)]
        self._average(x, mean_x)
        self._average(y, mean_y)
        np.multiply(x, y, out=product)
        self._average(product, covariance)
        np.multiply(x, x, out=x)
        np.multiply(y, y, out=y)
        self._average(np.add(x, y, out=x), variances)  # the sum of both suffices
        np.multiply(mean_x, mean_y, out=product)
        covariance -= product
        mean_x *= mean_x
        mean_y *= mean_y
        mean_x += mean_y
        variances -= mean_x
        similarity = _linear(product, 2, _C1)
        similarity *= _linear(covariance, 2, _C2)
        mean_x += _C1
        variances += _C2
        mean_x *= variances
        similarity /= mean_x
        inside = slice(_WINDOW_RADIUS, -_WINDOW_RADIUS)
        return similarity.reshape(shape)[..., inside, inside]

    def _average(self, planes: np.ndarray, out: np.ndarray) -> None:
        """Means under the Gaussian window wherever it lies inside."""
        cv2.sepFilter2D(planes, cv2.CV_64F, self._kernel, self._kernel, dst=out)


def _linear(values: np.ndarray, factor: float, constant: float) -> np.ndarray:
    values *= factor
    values += constant
    return values


@dataclass(frozen=True, kw_only=True)
class LandmarkDistances:
    """Distances of the 68 points of each image: (N,) arrays, NaN where a face has no points.

    Attributes:
        euclidean: L2 norm of the whole 68x2 difference, px (the scale of W-Net's Table 2).
        mean: mean distance of a point, px.
        nme: that mean over the distance of the outer eye corners of the original (300-W).
        failed: bool, nme above the threshold; a face without points failed.
    """

    euclidean: np.ndarray
    mean: np.ndarray
    nme: np.ndarray
    failed: np.ndarray


def landmark_distances(
    sr_points: np.ndarray, hr_points: np.ndarray, failure_nme: float
) -> LandmarkDistances:
    """Compare the points (N, 68, 2), x and y in pixels, found in SR and in HR.

    A face that was not found is a row with NaN. Raises ValueError for other shapes.
    """
    if sr_points.shape != hr_points.shape or hr_points.shape[1:] != (68, 2):
        raise ValueError(
            f"points must both be (N, 68, 2), got {sr_points.shape} and {hr_points.shape}"
        )
    hr_points = hr_points.astype(np.float64)
    distances = np.linalg.norm(sr_points - hr_points, axis=2)  # (N, 68)
    left, right = OUTER_EYE_CORNERS
    mean = distances.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        nme = mean / np.linalg.norm(hr_points[:, left] - hr_points[:, right], axis=1)
    return LandmarkDistances(
        euclidean=np.linalg.norm(distances, axis=1),
        mean=mean,
        nme=nme,
        failed=~(nme <= failure_nme),
    )


def cosine_similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cosine of the angle between row i of `a` and of `b`, both (N, D): (N,) float64.

    Rows need not be normalised; a row of zeros or with NaN gives NaN. Raises ValueError where the
    shapes differ.
    """
    if a.shape != b.shape or a.ndim != 2:
        raise ValueError(f"embeddings must both be (N, D), got {a.shape} and {b.shape}")
    a, b = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(invalid="ignore"):
        cosines = (a * b).sum(axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    return np.clip(cosines, -1, 1)


def share_above(similarities: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return which share of the images is more similar than each threshold: (T,) in 0-1.

    The curve of W-Net's Fig. 6. Images without a similarity (NaN) are left out; NaN if all are.
    """
    known = np.sort(similarities[~np.isnan(similarities)])
    if not known.size:
        return np.full(len(thresholds), np.nan)
    return 1 - np.searchsorted(known, thresholds, side="right") / known.size


def mask_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return intersection over union of the bool maps `a` and `b` (N, H, W): (N,) float64.

    Two empty maps agree: 1. Raises ValueError for other shapes or types.
    """
    if a.shape != b.shape or a.ndim != 3:
        raise ValueError(f"maps must both be (N, H, W), got {a.shape} and {b.shape}")
    if a.dtype != bool or b.dtype != bool:
        raise ValueError(f"maps must be bool, got {a.dtype} and {b.dtype}; apply a threshold first")
    union = (a | b).sum(axis=(1, 2))
    return np.where(union, (a & b).sum(axis=(1, 2)) / np.maximum(union, 1), 1.0)
