"""Mode coverage: cases by hand, a slow loop, and the expected values for the data themselves."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from minigan.data import points, toys
from minigan.data.toys import Mixture
from minigan.evaluation import modes
from minigan.evaluation.modes import ModeCoverage, mode_coverage

THREE = Mixture(np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]]), 1.0, np.array([0.5, 0.3, 0.2]))
P = 1 - math.exp(-4.5)  # of a round Gaussian in the plane within 3 s


def around(counts, mixture=THREE):
    """counts[j] samples exactly at mean j; the last count is at a point far from all means."""
    points_ = np.concatenate([mixture.means, [[50.0, 50.0]]])
    return np.repeat(points_, counts, axis=0).astype(np.float32)


def test_a_sample_belongs_to_the_nearest_mode_within_3_standard_deviations():
    x = np.array([[9.0, 0.0], [1.0, 2.0], [0.0, 13.0], [0.0, 13.01], [np.nan, 0.0]])
    assert modes.modes_of(x, THREE).tolist() == [1, 0, 2, -1, -1]


def test_shares_and_near_by_hand():
    coverage = mode_coverage(around([5, 2, 1, 2]), THREE)
    assert coverage.shares == (0.5, 0.2, 0.1)
    assert coverage.near == pytest.approx(0.8)
    assert (coverage.found, coverage.modes) == (3, 3)


def test_the_KL_of_the_masses_by_hand():
    expected = {
        (5, 2, 1, 2): (5 * math.log(5 / 4) + 2 * math.log(2 / 2.4) + math.log(1 / 1.6)) / 8,
        (5, 3, 2, 9): 0,  # the masses of the data
        (0, 0, 7, 1): math.log(5),
        (0, 0, 0, 1): math.inf,
    }
    found = [mode_coverage(around(counts), THREE).KL for counts in expected]
    assert found == pytest.approx(list(expected.values()), rel=1e-12, abs=1e-15)


def test_the_mode_of_each_sample_is_that_of_the_nearest_mean_or_minus_1():
    samples = np.array([[0.0, 9.0], [5.0, 0.0], [2.0, 0.0], [8.0, 1.0]])
    assert modes.modes_of(samples, THREE).tolist() == [2, -1, 0, 1]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_distance_of_3_s_counts_and_a_larger_one_does_not(dtype):
    on_the_edge, beyond = [3.0, 0.0], [0.0, np.nextafter(dtype(3), dtype(4))]
    coverage = mode_coverage(np.array([on_the_edge, beyond], dtype=dtype), THREE)
    assert coverage.shares == (0.5, 0, 0)
    assert coverage.near == 0.5


@pytest.mark.parametrize(("count", "found"), [(1, 2), (2, 3)])
def test_a_mode_is_found_from_a_tenth_of_its_share_of_the_data(count, found):
    """The third mode has w = 0.2: it needs 100 * 0.2 * 0.9889 / 10 = 1.98 of 100 samples."""
    assert mode_coverage(around([90 - count, 10, count, 0]), THREE).found == found


def test_a_mode_of_larger_weight_needs_more_samples():
    """Of 100 samples the first mode (w = 0.5) needs 4.9 and the second (w = 0.3) needs 2.97."""
    assert mode_coverage(around([4, 96, 0, 0]), THREE).found == 1
    assert mode_coverage(around([5, 95, 0, 0]), THREE).found == 2
    assert mode_coverage(around([95, 2, 3, 0]), THREE).found == 2
    assert mode_coverage(around([94, 3, 3, 0]), THREE).found == 3


def test_a_share_equal_to_the_least_one_counts_as_found(monkeypatch):
    monkeypatch.setattr(modes, "LEAST", 0.0)
    assert mode_coverage(around([5, 5, 0, 0]), THREE).found == 3


@given(seed=st.integers(0, 10_000), N=st.integers(1, 40), d=st.sampled_from([1, 2]))
def test_shares_are_those_of_the_slow_loop(seed, N, d):
    rng = np.random.default_rng(seed)
    mixture = Mixture(rng.normal(size=(4, d)), 0.2, np.full(4, 0.25))
    samples = rng.normal(size=(N, d)).astype(np.float32)
    counts = [0] * 4
    for x in samples.astype(float).tolist():
        distances = [math.dist(x, mean) for mean in mixture.means.tolist()]
        if min(distances) <= 3 * 0.2:
            counts[distances.index(min(distances))] += 1
    coverage = mode_coverage(samples, mixture)
    assert coverage.shares == tuple(count / N for count in counts)
    assert coverage.near == pytest.approx(sum(counts) / N)


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_the_data_have_every_mode_and_the_expected_near(name):
    _, _, test = points.load(name)
    coverage = mode_coverage(test.all(), test.mixture)
    number = len(test.mixture.means)
    assert (coverage.found, coverage.modes) == (number, number)
    assert coverage.near_of_data == pytest.approx(stats.chi2(2).cdf(9), rel=1e-12)
    assert coverage.near == pytest.approx(P, abs=5 * math.sqrt(P * (1 - P) / 10_000))
    assert sum(coverage.shares) == pytest.approx(coverage.near)


def test_in_one_dimension_the_expected_near_is_0_9973():
    coverage = mode_coverage(np.zeros((1, 1)), toys.normal_density())
    assert coverage.near_of_data == pytest.approx(stats.chi2(1).cdf(9), rel=1e-12)


def test_copies_of_one_mean_give_one_mode_found():
    coverage = mode_coverage(np.tile([[2.0, 0.0]], (100, 1)), toys.ring())
    assert (coverage.found, coverage.near, coverage.shares) == (1, 1, (1, *[0] * 7))


def test_uniform_noise_is_near_in_proportion_to_the_area_and_finds_no_mode():
    noise = np.random.default_rng(0).uniform(-3, 3, (10_000, 2))
    coverage = mode_coverage(noise, toys.ring())
    assert coverage.near == pytest.approx(8 * math.pi * 0.3**2 / 36, abs=0.01)
    assert coverage.found == 0  # each share is 0.0079, and 0.1 * 0.9889 / 8 = 0.0124 is needed


def test_samples_that_are_not_finite_are_not_counted():
    samples = np.array([[np.nan, 0], [np.inf, 0], [-np.inf, np.nan], [2, 0]], dtype=np.float32)
    coverage = mode_coverage(samples, toys.ring())
    assert coverage.shares == (0.25, *[0] * 7)
    assert coverage.near == 0.25


@pytest.mark.parametrize("shape", [(0, 2), (3, 1), (3, 3), (2,)])
def test_samples_of_a_wrong_shape_raise_an_error(shape):
    with pytest.raises(ValueError, match=r"must have shape \(N, 2\) with N >= 1"):
        mode_coverage(np.zeros(shape), THREE)


def test_a_mixture_in_three_dimensions_raises_an_error():
    mixture = Mixture(np.zeros((1, 3)), 1.0, np.ones(1))
    with pytest.raises(ValueError, match="in 1 or 2 dimensions, not in 3"):
        mode_coverage(np.zeros((4, 3)), mixture)


def test_the_sentence():
    assert str(ModeCoverage(7, 8, 0.878, P, (0.1,) * 8, 0.2)) == (
        "7 of 8 modes found; 87.8 % of the samples lie within 3 standard deviations of a mode "
        "(98.9 % of the data do)"
    )


def test_a_coverage_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        mode_coverage(around([1, 0, 0, 0]), THREE).found = 3
