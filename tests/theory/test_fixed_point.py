"""Section 3: both objectives of G have the fixed point p_g = p_data, and no other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow import complex_step

from minigan import objectives
from minigan.theory import generator_slopes, optimal_discriminator

NAMES = ("minimax", "non_saturating")
POSITIVE = st.integers(2, 6).flatmap(
    lambda size: st.tuples(
        *[st.lists(st.floats(1e-6, 1), min_size=size, max_size=size).map(np.array)] * 2
    ).map(lambda pair: (pair[0] / pair[0].sum(), pair[1] / pair[1].sum()))
)


def softmax(theta):
    return np.exp(theta) / np.exp(theta).sum()


def loss_of_G(p_g, D, name):
    """E_{x~p_g}[log(1 - D(x))] or -E_{x~p_g}[log D(x)], as section 3 writes them."""
    return (p_g * (np.log(1 - D) if name == "minimax" else -np.log(D))).sum()


def descend(p_data, p_g, name, updates):
    """Descent steps of theta_g = log p_g with D = D*, written out point by point."""
    for _ in range(updates):
        pairs = zip(p_data.tolist(), p_g.tolist(), strict=True)
        raised = [
            b * (1 + a / b) if name == "minimax" else b / (1 + b / a) for a, b in pairs
        ]  # b / (1 - D*) and b D*, that is b exp(-h)
        p_g = np.array(raised) / math.fsum(raised)
    return p_g


@given(pair=POSITIVE)
def test_section_3_both_objectives_of_g_have_the_fixed_point_p_data_and_no_other(pair):
    p_data, p_g = pair
    # At p_g = p_data both slopes are exactly 0, and D* = 1/2.
    for slope in generator_slopes(p_data, p_data):
        np.testing.assert_array_equal(slope, 0)
    # Elsewhere r = log(p_g / p_data) is not constant, and neither slope is: its range is that of
    # h = log(1 - D*) = -log(1 + e^-r) or h = -log D* = log(1 + e^r), both increasing in r.
    r = [math.log(b) - math.log(a) for a, b in zip(p_data, p_g, strict=True)]
    ranges = (
        math.log1p(math.exp(-min(r))) - math.log1p(math.exp(-max(r))),
        math.log1p(math.exp(max(r))) - math.log1p(math.exp(min(r))),
    )
    for slope, expected in zip(generator_slopes(p_data, p_g), ranges, strict=True):
        assert np.ptp(slope) == pytest.approx(expected, rel=1e-12, abs=1e-14)
        if max(r) - min(r) > 1e-6:
            assert np.ptp(slope) > 1e-13
        assert abs(float(slope @ p_g)) <= 1e-14 * (1 + abs(slope).max())


@pytest.mark.parametrize("name", NAMES)
@given(pair=POSITIVE)
def test_p_g_times_the_slope_is_the_gradient_in_theta_g_of_a_softmax(name, pair):
    p_data, p_g = pair
    D = p_data / (p_data + p_g)  # held fixed while theta_g moves
    gradient = complex_step(lambda theta: loss_of_G(softmax(theta), D, name), np.log(p_g))
    slope = getattr(generator_slopes(p_data, p_g), name)
    np.testing.assert_allclose(p_g * slope, gradient, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("name", NAMES)
@given(pair=POSITIVE)
def test_the_slopes_are_those_of_the_objectives_that_g_is_trained_with(name, pair):
    p_data, p_g = pair
    logits = np.log(p_data) - np.log(p_g)
    h = np.array([objectives.OBJECTIVES[name].loss(np.array([[a]])) for a in logits])
    slope = getattr(generator_slopes(p_data, p_g), name)
    np.testing.assert_allclose(slope, h - p_g @ h, rtol=1e-9, atol=1e-13)


@given(pair=POSITIVE)
def test_both_slopes_are_larger_where_d_star_is_smaller(pair):
    p_data, p_g = pair
    D = optimal_discriminator(p_data, p_g)
    for slope in generator_slopes(p_data, p_g):
        for i, j in np.ndindex(D.size, D.size):
            if D[i] < D[j] - 1e-12:
                assert slope[i] > slope[j]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(5))
def test_updates_with_either_objective_reach_p_data_along_their_slope(name, seed):
    p_data, p_g = np.random.default_rng(seed).dirichlet(np.ones(6), size=2)
    slope = getattr(generator_slopes(p_data, p_g), name)
    moved = p_g * np.exp(-slope)
    np.testing.assert_allclose(moved / moved.sum(), descend(p_data, p_g, name, 1), rtol=1e-12)
    np.testing.assert_allclose(descend(p_data, p_g, name, 200), p_data, rtol=1e-12)


def test_far_from_the_fixed_point_the_two_slopes_differ_in_size():
    # p_g >> p_data: D* is near 0 at both points and minimax saturates
    p_data, p_g = [1e-6, 2e-6, 1 - 3e-6], [0.5, 0.5 - 1e-6, 1e-6]
    slopes = generator_slopes(p_data, p_g)
    assert abs(slopes.minimax[0] - slopes.minimax[1]) < 3e-6
    # h = log(1 + p_g / p_data) differs by log 2
    assert slopes.non_saturating[0] - slopes.non_saturating[1] == pytest.approx(
        math.log(2), abs=1e-5
    )


def test_slopes_have_the_shape_of_the_densities():
    p_data, p_g = [[0.1, 0.2], [0.3, 0.4]], [[0.4, 0.3], [0.2, 0.1]]
    for matrix, vector in zip(
        generator_slopes(p_data, p_g),
        generator_slopes(np.ravel(p_data), np.ravel(p_g)),
        strict=True,
    ):
        np.testing.assert_array_equal(matrix.ravel(), vector)
        assert matrix.shape == (2, 2)


@pytest.mark.parametrize(
    ("p_data", "p_g", "message"),
    [
        ([1.0, 0.0], [0.5, 0.5], "positive at every point"),
        ([0.5, 0.5], [1.0, 0.0], "positive at every point"),
        ([0.5, 0.6], [0.5, 0.5], "p_data sums to 1.1"),
        ([1.0], [0.5, 0.5], "same points"),
    ],
)
def test_densities_with_zeros_and_other_arrays_raise(p_data, p_g, message):
    with pytest.raises(ValueError, match=message):
        generator_slopes(p_data, p_g)


def test_on_one_point_both_slopes_are_0():
    slopes = generator_slopes([1.0], [1.0])
    assert slopes.minimax.tolist() == [0]
    assert slopes.non_saturating.tolist() == [0]
