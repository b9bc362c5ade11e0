"""Paired comparisons compared with values computed by hand, and intervals with scipy's
bootstrap."""

import itertools

import numpy as np
import pytest
from scipy.stats import bootstrap

from wnet.metrics import paired
from wnet.metrics.paired import compare, compare_all, interval_of_mean
from wnet.metrics.settings import Intervals

INTERVALS = Intervals(seed=1, resamples=10_000)
NAN, INF = np.nan, np.inf


def test_a_pair_by_hand():
    found = compare(np.array([3.0, 5, 2, 7]), np.array([1.0, 5, 4, 3]), True, INTERVALS)
    assert (found.faces, found.difference, found.won, found.lost) == (4, 1.0, 0.5, 0.25)
    # of the 256 equally likely means of four of 2, 0, -2, 4 the 2.5 and 97.5 % points are -1 and 3
    means = sorted(np.mean(drawn) for drawn in itertools.product((2, 0, -2, 4), repeat=4))
    assert (means[6], means[249]) == (-1, 3)
    assert (found.low, found.high) == (-1, 3)
    assert found.verdict == "no difference seen"
    assert found.few


def test_the_other_way_round_is_what_it_would_be_if_asked():
    a, b = np.random.default_rng(4).normal(size=(2, 40))
    for higher in (True, False):
        there, back = compare(a, b, higher, INTERVALS), compare(b, a, higher, INTERVALS)
        turned = there.reversed
        assert (turned.won, turned.lost, turned.faces) == (back.won, back.lost, back.faces)
        np.testing.assert_allclose(
            (turned.difference, turned.low, turned.high), (back.difference, back.low, back.high)
        )


def test_faces_without_a_score_are_left_out_and_ties_are_not_counted():
    first = np.array([NAN, 1.0, INF, INF, 30, 20])
    second = np.array([1.0, NAN, INF, 25, INF, 21])
    found = compare(first, second, True, INTERVALS)
    assert found.faces == 4  # two have no score of one method
    assert found.difference == -1.0  # the one face where the difference is a number
    assert (found.won, found.lost) == (0.25, 0.5)  # inf beats 25; inf and inf are equal
    assert np.isnan([found.low, found.high]).all()  # one number has no interval
    assert found.verdict == "no difference seen"


def test_nothing_to_compare_is_no_difference_seen():
    found = compare(np.full(3, NAN), np.ones(3), True, INTERVALS)
    assert found.faces == 0
    assert np.isnan([found.difference, found.low, found.high, found.won, found.lost]).all()
    assert found.verdict == "no difference seen"
    assert compare_all({"alone": np.ones(3)}, True, INTERVALS) == {}


@pytest.mark.parametrize(
    ("shift", "higher", "verdict"),
    [
        (1, True, "better"), (-1, True, "worse"), (0, True, "no difference seen"),
        (1, False, "worse"), (-1, False, "better"), (0, False, "no difference seen"),
    ],
)  # fmt: skip
def test_verdicts_are_by_the_interval(shift, higher, verdict):
    noise = np.random.default_rng(2).normal(size=60)
    noise -= noise.mean()
    found = compare(noise + shift, np.zeros(60), higher, INTERVALS)
    assert found.verdict == verdict
    assert not found.few


def test_equal_methods_are_never_distinguished():
    found = compare(np.arange(40.0), np.arange(40.0), True, INTERVALS)
    assert (found.low, found.high, found.won, found.lost) == (0, 0, 0, 0)
    assert found.verdict == "no difference seen"


@pytest.mark.parametrize("faces", [2, 30, 101])
def test_intervals_agree_with_scipys_bootstrap(faces):
    values = np.random.default_rng(3).gamma(2, size=(3, faces))
    values -= 1
    low, high = interval_of_mean(values, Intervals(seed=5, resamples=40_000))
    for row, sample in enumerate(values):
        theirs = bootstrap(
            (sample,), np.mean, method="percentile", n_resamples=40_000, rng=7, batch=4000
        ).confidence_interval
        tolerance = 0.04 * (theirs.high - theirs.low)
        assert low[row] == pytest.approx(theirs.low, abs=tolerance)
        assert high[row] == pytest.approx(theirs.high, abs=tolerance)


def test_intervals_have_their_nominal_coverage():
    samples = np.random.default_rng(6).normal(0.5, 1, size=(1000, 60))
    low, high = interval_of_mean(samples, Intervals(seed=0, resamples=1000))
    assert 0.92 < ((low < 0.5) & (high > 0.5)).mean() < 0.97


def test_the_seed_decides_and_pairs_of_the_same_faces_share_their_draws(monkeypatch):
    scores = dict(zip("abc", np.random.default_rng(1).normal(size=(3, 50)), strict=True))
    found = compare_all(scores, True, INTERVALS)
    assert list(found) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found == compare_all(scores, True, INTERVALS)
    assert found != compare_all(scores, True, Intervals(seed=2, resamples=10_000))
    alone = compare(scores["b"], scores["c"], True, INTERVALS)
    assert (alone.low, alone.high) == pytest.approx((found["b", "c"].low, found["b", "c"].high))
    monkeypatch.setattr(paired, "DRAWS", 50 * 7)  # in many parts, as with many faces
    parts = compare_all(scores, True, Intervals(seed=1, resamples=10_000))
    assert parts["b", "c"].low == pytest.approx(found["b", "c"].low, abs=0.02)


def test_pairs_with_other_faces_each_have_their_own():
    scores = {"a": np.array([1.0, 2, 3]), "b": np.array([1.0, 1, NAN]), "c": np.zeros(3)}
    found = compare_all(scores, True, INTERVALS)
    assert [pair.faces for pair in found.values()] == [2, 3, 2]
    assert [pair.difference for pair in found.values()] == [0.5, 2, 1]
