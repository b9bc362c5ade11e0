"""Similarity of two images of a face by landmarks, identity and parsing: one number per face."""

import numpy as np

from wnet.landmarks.ibug68 import OUTER_EYE_CORNERS

ROWS_AT_ONCE = 1024  # of a matrix of similarities; limits the memory


def landmark_distances(sr_points: np.ndarray, hr_points: np.ndarray) -> np.ndarray:
    """Return the distance of each landmark in SR from that in HR, in pixels: (N, 68) float64.

    Points are (N, 68, 2), x and y in pixels; if no face was found, the row is NaN. The L2 norm of
    a row is the distance in W-Net's Table 2. Raises ValueError for other shapes.
    """
    if sr_points.shape != hr_points.shape or hr_points.shape[1:] != (68, 2):
        raise ValueError(
            f"points must both be (N, 68, 2), got {sr_points.shape} and {hr_points.shape}"
        )
    return np.linalg.norm(sr_points - hr_points.astype(np.float64), axis=2)


def nme(sr_points: np.ndarray, hr_points: np.ndarray) -> np.ndarray:
    """Return the mean distance divided by that of HR's outer eye corners (300-W): (N,) float64."""
    corners = hr_points[:, OUTER_EYE_CORNERS].astype(np.float64)
    eyes = np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return landmark_distances(sr_points, hr_points).mean(axis=1) / eyes


def cosine_similarity(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cosine of the angle between row i of `a` and of `b`, both (N, D): (N,) float64.

    Rows need not be normalised; a row of zeros or with NaN gives NaN. Raises ValueError if the
    shapes differ.
    """
    if a.shape != b.shape or a.ndim != 2:
        raise ValueError(f"embeddings must both be (N, D), got {a.shape} and {b.shape}")
    a, b = a.astype(np.float64), b.astype(np.float64)
    with np.errstate(invalid="ignore"):
        cosines = (a * b).sum(axis=1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    return np.clip(cosines, -1, 1)


def margin_to_impostors(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return how much more similar row i of `a` is to row i of `b` than to the nearest other row.

    Both are (N, D), with NaN in rows without a face. The result is a difference of cosines, (N,)
    float64; above 0, the face is identified among the N (rank 1). It is NaN without a face or
    without another one. Other rows of the same person count as impostors too, since persons are not
    known here.
    """
    own = cosine_similarity(a, b)
    known = np.flatnonzero(~np.isnan(own))
    margins = np.full(len(own), np.nan)
    if known.size < 2:
        return margins
    a, b = (rows[known] / np.linalg.norm(rows[known], axis=1, keepdims=True) for rows in (a, b))
    for start in range(0, len(known), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        cosines = a[block].astype(np.float64) @ b.T.astype(np.float64)
        cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -np.inf
        margins[known[block]] = own[known[block]] - cosines.max(axis=1)
    return margins


def identified(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return 1 where a face is nearest to its own original (rank 1), else 0: (N,) float64.

    NaN where `margin_to_impostors` is.
    """
    margins = margin_to_impostors(a, b)
    return np.where(np.isnan(margins), np.nan, margins > 0)


def share_above(similarities: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return the fraction of the images that are more similar than each threshold: (T,) in 0-1.

    The curve of W-Net's Fig. 6. Images without a similarity (NaN) are left out; NaN if all are.
    """
    known = np.sort(similarities[~np.isnan(similarities)])
    if not known.size:
        return np.full(len(thresholds), np.nan)
    return 1 - np.searchsorted(known, thresholds, side="right") / known.size


def mask_iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return intersection over union of the bool maps `a` and `b` (N, H, W): (N,) float64.

    The IoU of two empty maps is 1. Raises ValueError for other shapes or types.
    """
    if a.shape != b.shape or a.ndim != 3:
        raise ValueError(f"maps must both be (N, H, W), got {a.shape} and {b.shape}")
    if a.dtype != bool or b.dtype != bool:
        raise ValueError(f"maps must be bool, got {a.dtype} and {b.dtype}; apply a threshold first")
    union = (a | b).sum(axis=(1, 2))
    return np.where(union, (a & b).sum(axis=(1, 2)) / np.maximum(union, 1), 1.0)
