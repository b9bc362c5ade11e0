"""Distances of landmarks, identities and maps against values worked out by hand."""

import numpy as np
import pytest

from wnet.metrics import faces
from wnet.metrics.faces import (
    cosine_similarity,
    identified,
    landmark_distances,
    margin_to_impostors,
    mask_iou,
    nme,
    share_above,
)
from wnet.metrics.scores import Points, scores_of


def test_landmark_distances_by_hand():
    hr = np.zeros((3, 68, 2), np.float32)
    hr[:, 45] = 30, 40  # the outer eye corners are 50 px apart
    sr = hr + np.float32([3, 4])  # every point is off by 5 px
    sr[1, :34] = hr[1, :34]  # and half of them not at all
    sr[2] = np.nan
    distances = landmark_distances(sr, hr)
    np.testing.assert_allclose(
        np.linalg.norm(distances, axis=1), [5 * 68**0.5, 5 * 34**0.5, np.nan]
    )
    np.testing.assert_allclose(distances.mean(axis=1), [5, 2.5, np.nan])
    np.testing.assert_allclose(nme(sr, hr), [0.1, 0.05, np.nan])
    assert failed(sr, hr, 0.08) == [True, False, True]
    assert failed(sr, hr, 0.11) == [False, False, True]


def failed(sr, hr, threshold):
    """What the table counts as failures."""
    points = Points(sr=sr, hr=hr, missed=np.zeros(len(hr), bool), failure=threshold)
    scores = {score.key: score for score in scores_of("landmarks", {})}
    return scores["failed"].of(points).tolist()


def test_cosine_similarity_by_hand():
    a = np.array([[1, 0], [3, 4], [1, 1], [np.nan, 1], [0, 0]], np.float32)
    b = np.array([[0, 2], [4, 3], [-2, -2], [1, 1], [1, 0]], np.float32)
    np.testing.assert_allclose(cosine_similarity(a, b), [0, 0.96, -1, np.nan, np.nan], atol=1e-12)


def test_share_above_by_hand():
    similarities = np.array([0.9, 0.5, np.nan, 0.5, 0.1])
    shares = share_above(similarities, np.array([-1, 0.1, 0.4, 0.5, 0.9]))
    np.testing.assert_allclose(shares, [1, 0.75, 0.75, 0.25, 0])
    assert np.isnan(share_above(np.array([np.nan]), np.array([0.2, 0.4]))).all()


def test_mask_iou_by_hand():
    a, b = np.zeros((2, 4, 4), bool), np.zeros((2, 4, 4), bool)
    a[0, :2], b[0, 1:] = True, True  # rows 0-1 and 1-3: 4 of 16 pixels in common
    np.testing.assert_allclose(mask_iou(a, b), [0.25, 1])


def test_refuses_what_cannot_be_compared():
    with pytest.raises(ValueError, match=r"\(1, 5, 2\)"):
        landmark_distances(np.zeros((1, 5, 2)), np.zeros((1, 5, 2)))
    with pytest.raises(ValueError, match=r"\(2, 8\) and \(2, 4\)"):
        cosine_similarity(np.zeros((2, 8)), np.zeros((2, 4)))
    with pytest.raises(ValueError, match="apply a threshold"):
        mask_iou(np.zeros((1, 4, 4)), np.zeros((1, 4, 4)))


def test_margins_are_to_the_nearest_other_face(monkeypatch):
    originals = np.array([[1, 0], [0, 2], [np.nan, 0], [3, 4]])
    made = np.array([[1, 1], [0, 1], [1, 0], [4, 3]])
    root = 0.5**0.5
    # the first is as near to the second as to itself, but nearer to the last: 7 / (5 sqrt 2)
    expected = [root - 1.4 * root, 1 - 0.8, np.nan, 0.96 - 0.8]
    for rows in (1, 2, 1024):
        monkeypatch.setattr(faces, "ROWS_AT_ONCE", rows)
        np.testing.assert_allclose(margin_to_impostors(made, originals), expected)
    np.testing.assert_array_equal(identified(made, originals), [0, 1, np.nan, 1])
    assert np.isnan(margin_to_impostors(made[:1], originals[:1])).all()  # nobody else is there
