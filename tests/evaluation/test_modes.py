"""Modes are counted as by hand, and data itself scores what the formula says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from minigan.data import points, toys
from minigan.data.toys import Mixture
from minigan.evaluation.modes import Covered, covered

THREE = Mixture(np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]]), 1.0, np.array([0.5, 0.3, 0.2]))
P = 1 - math.exp(-4.5)  # of a round Gaussian in the plane within 3 s


def around(counts, mixture=THREE):
    """So many samples exactly on each mean, and the last count far from all."""
    places = np.concatenate([mixture.means, [[50.0, 50.0]]])
    return np.repeat(places, counts, axis=0).astype(np.float32)


def test_shares_and_near_by_hand():
    judged = covered(around([5, 2, 1, 2]), THREE)
    assert judged.shares == (0.5, 0.2, 0.1)
    assert judged.near == pytest.approx(0.8)
    assert (judged.found, judged.modes) == (3, 3)


def test_within_means_up_to_3_s_and_no_further():
    on_the_edge, beyond = [3.0, 0.0], [0.0, np.nextafter(np.float32(3), np.float32(4))]
    judged = covered(np.array([on_the_edge, beyond], dtype=np.float32), THREE)
    assert judged.shares == (0.5, 0, 0)
    assert judged.near == 0.5


@pytest.mark.parametrize(("count", "found"), [(1, 2), (2, 3)])
def test_a_mode_is_found_with_a_tenth_of_the_share_of_data(count, found):
    """The third mode has w = 0.2: of 100 samples it needs 100 * 0.2 * 0.9889 / 10 = 1.98."""
    assert covered(around([90 - count, 10, count, 0]), THREE).found == found


def test_the_weight_of_a_mode_decides_how_much_it_needs():
    """Of 100 samples the first mode, w = 0.5, needs 4.9; the second, w = 0.3, needs 2.97."""
    assert covered(around([4, 96, 0, 0]), THREE).found == 1
    assert covered(around([5, 95, 0, 0]), THREE).found == 2
    assert covered(around([95, 2, 3, 0]), THREE).found == 2
    assert covered(around([94, 3, 3, 0]), THREE).found == 3


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
    judged = covered(samples, mixture)
    assert judged.shares == tuple(count / N for count in counts)
    assert judged.near == pytest.approx(sum(counts) / N)


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_data_find_every_mode_and_lie_as_near_as_the_formula_says(name):
    _, _, test = points.load(name)
    judged = covered(test.all(), test.mixture)
    modes = len(test.mixture.means)
    assert (judged.found, judged.modes) == (modes, modes)
    assert judged.near_of_data == pytest.approx(stats.chi2(2).cdf(9), rel=1e-12)
    assert judged.near == pytest.approx(P, abs=5 * math.sqrt(P * (1 - P) / 10_000))
    assert sum(judged.shares) == pytest.approx(judged.near)


def test_on_the_line_data_lie_near_with_probability_0_9973():
    judged = covered(np.zeros((1, 1)), toys.normal_density())
    assert judged.near_of_data == pytest.approx(stats.chi2(1).cdf(9), rel=1e-12)


def test_one_mode_again_and_again_is_one_mode_found():
    judged = covered(np.tile([[2.0, 0.0]], (100, 1)), toys.ring())
    assert (judged.found, judged.near, judged.shares) == (1, 1, (1, *[0] * 7))


def test_noise_over_the_square_is_near_by_area_alone_and_finds_no_mode():
    noise = np.random.default_rng(0).uniform(-3, 3, (10_000, 2))
    judged = covered(noise, toys.ring())
    assert judged.near == pytest.approx(8 * math.pi * 0.3**2 / 36, abs=0.01)
    assert judged.found == 0  # 0.0079 each, and 0.1 * 0.9889 / 8 = 0.0124 are needed


def test_samples_that_are_not_finite_count_for_no_mode():
    samples = np.array([[np.nan, 0], [np.inf, 0], [-np.inf, np.nan], [2, 0]], dtype=np.float32)
    judged = covered(samples, toys.ring())
    assert judged.shares == (0.25, *[0] * 7)
    assert judged.near == 0.25


@pytest.mark.parametrize("shape", [(0, 2), (3, 1), (3, 3), (2,)])
def test_samples_of_another_space_and_no_samples_are_refused(shape):
    with pytest.raises(ValueError, match="rows of 2"):
        covered(np.zeros(shape), THREE)


def test_a_mixture_in_space_is_refused():
    in_space = Mixture(np.zeros((1, 3)), 1.0, np.ones(1))
    with pytest.raises(ValueError, match="line or in the plane"):
        covered(np.zeros((4, 3)), in_space)


def test_the_sentence():
    assert str(Covered(7, 8, 0.878, P, (0.1,) * 8)) == (
        "7 of 8 modes found; 87.8 % of the samples lie within 3 standard deviations of a mode "
        "(98.9 % of the data do)"
    )
