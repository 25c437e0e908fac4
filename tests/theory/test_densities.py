"""Which arrays are accepted as densities, and how their entries are summed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.theory import jsd
from minigan.theory.densities import (
    SUM_TOLERANCE,
    add_up,
    density_pair,
    log_ratio,
    masses,
    weighted,
)


def test_lists_and_float32_become_float64():
    p, q = density_pair([1, 0], np.array([0.5, 0.5], dtype=np.float32))
    assert p.dtype == q.dtype == np.float64
    np.testing.assert_array_equal(p, [1, 0])
    np.testing.assert_array_equal(q, [0.5, 0.5])


@pytest.mark.parametrize("bad", [-1e-300, np.nan, np.inf, 1e308])
def test_a_value_that_is_not_a_mass_raises_with_the_name(bad):
    with pytest.raises(ValueError, match="weights must be finite and non-negative"):
        masses([0.5, bad], "weights")


def test_the_largest_mass_is_half_the_largest_float():
    largest = 2.0**1023 - 2.0**970  # (2^1024 - 2^971) / 2
    assert masses([largest], "weights").tolist() == [largest]
    with pytest.raises(ValueError, match="weights must be finite"):
        masses([np.nextafter(largest, np.inf)], "weights")


def test_the_first_and_the_second_density_are_each_checked():
    good = [0.5, 0.5]
    with pytest.raises(ValueError, match="p_data must be finite"):
        density_pair([1.5, -0.5], good)
    with pytest.raises(ValueError, match="p_g must be finite"):
        density_pair(good, [1.5, -0.5])
    with pytest.raises(ValueError, match=r"q sums to 0\.5, not to 1"):
        density_pair(good, [0.25, 0.25], ("p", "q"))
    with pytest.raises(ValueError, match="p_data sums to 2, not to 1; divide it by its sum"):
        density_pair([1, 1], good)


@pytest.mark.parametrize("off", [0.9, -0.9])
def test_sums_within_the_tolerance_pass_and_others_do_not(off):
    density_pair([0.5, 0.5 + off * SUM_TOLERANCE], [0.5, 0.5])
    with pytest.raises(ValueError, match="not to 1"):
        density_pair([0.5, 0.5 + 1.2 * off * SUM_TOLERANCE], [0.5, 0.5])


def test_the_tolerance_is_the_documented_one():
    assert SUM_TOLERANCE == 1e-9


def test_two_shapes_and_empty_densities_raise():
    with pytest.raises(ValueError, match=r"p_data has shape \(1,\) and p_g has shape \(2,\)"):
        density_pair([1], [0.5, 0.5])
    with pytest.raises(ValueError, match="sums to 0"):
        density_pair([], [])


def test_a_density_may_be_a_matrix():
    p = np.array([[0.1, 0.2], [0.3, 0.4]])
    q = np.array([[0.4, 0.3], [0.2, 0.1]])
    assert jsd(p, q) == jsd(p.ravel(), q.ravel())


@given(values=st.lists(st.floats(0, 1)), random=st.randoms(use_true_random=False))
def test_a_sum_is_the_exact_sum_rounded_once_in_any_order(values, random):
    truth = float(sum(map(Fraction, values), Fraction(0)))
    assert add_up(np.array(values)) == truth
    random.shuffle(values)
    assert add_up(np.array(values)) == truth


def test_a_point_with_probability_0_adds_0_even_where_the_value_is_infinite():
    values = np.array([-np.inf, np.nan, 3.0, -np.inf])
    np.testing.assert_array_equal(
        weighted(np.array([0.0, 0.0, 0.5, 0.5]), values), [0, 0, 1.5, -np.inf]
    )


POSITIVE = st.floats(5e-324, 1.7e308)


@given(p=POSITIVE, q=POSITIVE, nearness=st.floats(0.5, 2))
def test_the_log_of_a_ratio_is_accurate_from_subnormals_to_the_largest_numbers(p, q, nearness):
    near = min(max(p * nearness, 5e-324), 1.7e308)
    for a, b in ((p, q), (p, near), (p, 5e-324), (5e-324, q)):
        truth = float((Decimal(a) / Decimal(b)).ln())
        assert abs(float(log_ratio(np.array(a), np.array(b))) - truth) <= 4e-16 * (1 + abs(truth))


def test_the_log_of_a_ratio_with_zeros_is_infinite_or_nan():
    ratio = log_ratio(np.array([1.0, 0.0, 0.0, 5e-324]), np.array([0.0, 1.0, 0.0, 5e-324]))
    np.testing.assert_array_equal(ratio, [np.inf, -np.inf, np.nan, 0])
