"""Eq. 4 to 6, Thm 1 and the convexity that Prop. 2 needs."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from minigan.theory import criterion, game_value, jsd, kl, optimal_discriminator, subgradient

MINUS_LOG_4 = -1.3862943611198906


def inner(slope, direction):
    """<slope, direction>; an entry of the direction that is 0 adds 0, even where slope is -inf."""
    moved = direction != 0
    return float(slope[moved] @ direction[moved])


@given(data=st.data())
def test_eq_4_in_120_digits(data, density_pairs, exact):
    p_data, p_g = data.draw(density_pairs)
    total = [Decimal(a) + Decimal(b) for a, b in zip(p_data, p_g, strict=True)]
    truth = float(exact(p_data, total) + exact(p_g, total))
    assert criterion(p_data, p_g) == pytest.approx(truth, abs=2e-15)


def test_eq_4_by_hand():
    C = (
        0.5 * math.log(2 / 3)
        + 0.5 * math.log(2 / 5)
        + 0.25 * math.log(1 / 3)
        + 0.75 * math.log(3 / 5)
    )
    assert criterion([0.5, 0.5], [0.25, 0.75]) == pytest.approx(C, rel=1e-15, abs=0)


@given(data=st.data())
def test_eq_4_is_the_value_of_the_optimal_d(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    D = optimal_discriminator(p_data, p_g)
    D[(D == 1) & (p_g > 0)] = np.nextafter(1, 0)  # a D* rounded to 1 would give -inf
    assert criterion(p_data, p_g) == pytest.approx(game_value(p_data, p_g, D), abs=1e-13)


@given(data=st.data())
def test_thm_1_the_criterion_is_never_below_minus_log_4(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    assert MINUS_LOG_4 - 1e-15 <= criterion(p_data, p_g) <= 0


@given(data=st.data())
def test_thm_1_equality_where_p_g_is_p_data(data, density_pairs):
    p, _ = data.draw(density_pairs)
    assert criterion(p, p) == pytest.approx(MINUS_LOG_4, abs=5e-16)


@given(data=st.data())
def test_thm_1_equality_nowhere_else(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    distance = np.abs(p_data - p_g).sum()
    if distance > 1e-7:
        assert criterion(p_data, p_g) - MINUS_LOG_4 > distance**2 / 4.01 - 2e-15  # Pinsker


@given(data=st.data())
def test_eq_5_two_kl_to_the_mixture(data, full_pairs):
    p_data, p_g = data.draw(full_pairs)
    m = (p_data + p_g) / 2
    found = criterion(p_data, p_g)
    assert found == pytest.approx(MINUS_LOG_4 + entropy(p_data, m) + entropy(p_g, m), abs=3e-15)
    assert found == pytest.approx(MINUS_LOG_4 + kl(p_data, m) + kl(p_g, m), abs=3e-15)


@given(data=st.data())
def test_eq_6_twice_the_jsd(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    found = criterion(p_data, p_g)
    assert found == pytest.approx(MINUS_LOG_4 + 2 * jsd(p_data, p_g), abs=3e-15)
    with np.errstate(all="ignore"):  # SciPy's JSD rounds below 0 near equality
        distance = jensenshannon(p_data, p_g)
    if np.isfinite(distance):
        assert found == pytest.approx(MINUS_LOG_4 + 2 * distance**2, abs=1e-14)


def test_the_criterion_of_disjoint_supports_is_0_and_of_one_point_minus_log_4():
    assert criterion([1, 0], [0, 1]) == 0
    assert criterion([1], [1]) == pytest.approx(MINUS_LOG_4, rel=1e-15, abs=0)


def test_the_criterion_is_finite_where_d_star_rounds_to_0_or_1():
    C = criterion([1.0, 5e-324], [1e-300, 1.0])
    assert -1e-297 < C < 0


@given(data=st.data(), t=st.floats(0, 1))
def test_prop_2_u_is_linear_in_p_g_for_each_d(data, t, density_pairs):
    p, q = data.draw(density_pairs)
    p_data = p[::-1]
    D = np.array(data.draw(st.lists(st.floats(1e-9, 0.999), min_size=p.size, max_size=p.size)))
    mixed = t * p + (1 - t) * q
    chord = t * game_value(p_data, p, D) + (1 - t) * game_value(p_data, q, D)
    assert game_value(p_data, mixed, D) == pytest.approx(chord, abs=1e-13)


@given(data=st.data(), t=st.floats(0, 1))
def test_prop_2_the_criterion_is_convex_in_p_g(data, t, density_pairs):
    p, q = data.draw(density_pairs)
    p_data = p[::-1]
    mixed = t * p + (1 - t) * q
    chord = t * criterion(p_data, p) + (1 - t) * criterion(p_data, q)
    assert criterion(p_data, mixed) <= chord + 3e-15


@given(data=st.data())
def test_prop_2_the_criterion_is_the_supremum_of_u_over_d(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    D = data.draw(st.lists(st.floats(0, 1), min_size=p_g.size, max_size=p_g.size))
    assert game_value(p_data, p_g, D) <= criterion(p_data, p_g) + 3e-15


@given(data=st.data())
def test_prop_2_log_of_one_minus_d_star_is_a_subgradient(data, density_pairs):
    p, q = data.draw(density_pairs)
    for p_data in (p[::-1], q[::-1], p):
        tangent = criterion(p_data, p) + inner(subgradient(p_data, p), q - p)
        assert criterion(p_data, q) >= tangent - 1e-12


@given(data=st.data())
def test_the_subgradient_is_the_log_of_p_g_over_the_sum(data, full_pairs):
    p_data, p_g = data.draw(full_pairs)
    for a, b, slope in zip(p_data, p_g, subgradient(p_data, p_g), strict=True):
        assert slope == pytest.approx(-math.log1p(a / b), rel=4e-13, abs=1e-300)


def test_the_subgradient_is_the_slope_of_the_criterion_along_the_simplex():
    p_data, p_g = np.array([0.2, 0.3, 0.5]), np.array([0.4, 0.35, 0.25])
    direction, h = np.array([1.0, 0.5, -1.5]), 1e-6
    rise = criterion(p_data, p_g + h * direction) - criterion(p_data, p_g - h * direction)
    assert rise / (2 * h) == pytest.approx(subgradient(p_data, p_g) @ direction, rel=1e-8)


def test_the_subgradient_where_densities_are_0():
    slope = subgradient([0.5, 0.5, 0, 0], [0.5, 0, 0.5, 0])
    np.testing.assert_array_equal(slope, [-math.log(2), -np.inf, 0, 0])


@given(data=st.data())
def test_the_order_of_the_points_changes_nothing(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    order = np.array(data.draw(st.permutations(range(p_data.size))))
    assert criterion(p_data[order], p_g[order]) == criterion(p_data, p_g)


@pytest.mark.parametrize("function", [criterion, subgradient])
def test_the_criterion_and_its_subgradient_raise_for_what_is_not_a_density(function):
    with pytest.raises(ValueError, match="p_data sums to 2"):
        function([2.0], [1.0])
    with pytest.raises(ValueError, match="p_g must be finite"):
        function([1.0], [-1.0])
    with pytest.raises(ValueError, match="same points"):
        function([1.0], [0.5, 0.5])
