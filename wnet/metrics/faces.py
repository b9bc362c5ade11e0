"""How far two pictures show the same face: landmarks, identity and parsing, one number a face."""

from dataclasses import dataclass

import numpy as np

from wnet.landmarks.ibug68 import OUTER_EYE_CORNERS


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
