"""Prop. 1 and Eq. 1 to 3: the optimal D, and the value V of any D."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import expit, xlog1py, xlogy

from minigan.theory import game_value, integrand, optimal_discriminator, optimal_logit

LOG_2, LOG_3 = 0.69314718055994530942, 1.09861228866810969140
TINY = np.finfo(np.float64).tiny
WEIGHTS = st.one_of(st.just(0.0), st.floats(0.01, 3), st.floats(-323, 300).map(lambda e: 10.0**e))


@given(data=st.data())
def test_eq_2_is_the_exact_fraction_to_two_units_in_the_last_place(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    for a, b, D in zip(p_data, p_g, optimal_discriminator(p_data, p_g), strict=True):
        if a == b == 0:
            assert math.isnan(D)
        else:
            exact = Fraction(a) / (Fraction(a) + Fraction(b))
            assert abs(Fraction(D) - exact) <= 2 * Fraction(math.ulp(float(exact)))


def test_eq_2_by_hand():
    D = optimal_discriminator([0.5, 0.25, 0.25, 0, 0], [0.5, 0.5, 0, 0.5, 0])
    np.testing.assert_array_equal(D, [0.5, 1 / 3, 1, 0, np.nan])


def test_eq_2_keeps_its_digits_for_subnormal_and_huge_values():
    D = optimal_discriminator([5e-324, 5e-324, 1e-300, 8e307], [5e-324, 1.5e-323, 1.0, 8e307])
    np.testing.assert_array_equal(D, [0.5, 0.25, 1e-300, 0.5])


def test_one_minus_d_star_is_d_star_with_the_densities_swapped():
    assert 1 - optimal_discriminator([1.0], [1e-30])[0] == 0
    assert optimal_discriminator([1e-30], [1.0])[0] == 1e-30


@given(data=st.data())
def test_the_sigmoid_of_the_optimal_logit_is_d_star(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    D, a = optimal_discriminator(p_data, p_g), optimal_logit(p_data, p_g)
    np.testing.assert_allclose(expit(a), D, rtol=1e-12, atol=TINY)
    np.testing.assert_allclose(optimal_logit(p_g, p_data), -a, rtol=5e-16, atol=3e-16)


def test_the_optimal_logit_is_infinite_where_one_density_is_0_and_nan_where_both_are():
    a = optimal_logit([0.5, 0.5, 0, 0], [0.5, 0, 0.5, 0])
    np.testing.assert_array_equal(a, [0, np.inf, -np.inf, np.nan])
    assert optimal_logit([5e-324], [1.0])[0] == pytest.approx(-1074 * math.log(2), rel=1e-15, abs=0)


@pytest.mark.parametrize("function", [optimal_discriminator, optimal_logit])
def test_d_star_raises_for_negative_values_and_for_two_shapes(function):
    with pytest.raises(ValueError, match="p_data must be finite and non-negative"):
        function([-1.0], [2.0])
    with pytest.raises(ValueError, match="p_g must be finite and non-negative"):
        function([1.0], [np.nan])
    message = r"^p_data has shape \(1,\) and p_g has shape \(2,\); give both on the same points"
    with pytest.raises(ValueError, match=message):
        function([1.0], [1.0, 0.0])


@given(a=WEIGHTS, b=WEIGHTS, y=st.floats(0, 1))
def test_prop_1_no_other_y_gives_a_larger_term(a, b, y):
    assume(a > 0 or b > 0)
    best = sum(w * (math.log(w) - math.log(a + b)) for w in (a, b) if w > 0)
    assert integrand(a, b, y) <= best + 3e-13 * (a + b)
    D_star = float(optimal_discriminator(a, b))
    if a == 0 or b == 0 or TINY <= D_star < 1 - 1e-9:  # otherwise D* is rounded too much
        assert float(integrand(a, b, D_star)) == pytest.approx(best, rel=1e-6, abs=3e-13 * (a + b))


@given(a=st.floats(0.01, 3), b=st.floats(0.01, 3))
def test_prop_1_a_numerical_optimiser_finds_the_same_maximum(a, b):
    found = minimize_scalar(
        lambda y: -integrand(a, b, y), bounds=(0, 1), method="bounded", options={"xatol": 1e-10}
    )
    D_star = float(optimal_discriminator(a, b))
    assert found.x == pytest.approx(D_star, abs=1e-6)
    assert -found.fun == pytest.approx(float(integrand(a, b, D_star)), abs=1e-12)


@given(a=WEIGHTS, b=WEIGHTS, y=st.floats(0, 1))
def test_the_integrand_of_eq_3_is_a_log_y_plus_b_log_1_minus_y(a, b, y):
    truth = xlogy(a, y) + xlog1py(b, -y)
    assert float(integrand(a, b, y)) == pytest.approx(truth, rel=1e-14, abs=1e-300)


def test_the_integrand_at_y_of_0_and_1_and_where_both_densities_are_0():
    np.testing.assert_array_equal(integrand(0, 0, [0, 1, 0.3, np.nan, 7]), np.zeros(5))
    np.testing.assert_array_equal(integrand(1, 0, [0, 1]), [-np.inf, 0])
    np.testing.assert_array_equal(integrand(0, 1, [0, 1]), [0, -np.inf])
    np.testing.assert_array_equal(integrand(0, 1, [1e-20, 1e-300]), [-1e-20, -1e-300])
    np.testing.assert_array_equal(integrand([[1], [0]], [0, 1], [1.0, 0.0]).shape, (2, 2))


def test_a_d_in_float32_has_the_value_of_the_same_number_in_float64():
    y = np.array([0.25, 0.1], dtype=np.float32)
    exact = [0.5 * math.log(one) + 0.5 * math.log1p(-one) for one in y.tolist()]
    np.testing.assert_allclose(integrand(0.5, 0.5, y), exact, rtol=1e-15)
    assert game_value([0.5, 0.5], [0.5, 0.5], y) == pytest.approx(math.fsum(exact), rel=1e-15)


@pytest.mark.parametrize("y", [-1e-300, 1 + 1e-15, np.nan, np.inf])
def test_the_integrand_raises_for_a_y_outside_0_to_1(y):
    with pytest.raises(ValueError, match=r"D must lie in \[0, 1\]"):
        integrand(1.0, 0.0, y)
    with pytest.raises(ValueError, match=r"D must lie in \[0, 1\]"):
        integrand(0.0, 1.0, y)
    with pytest.raises(ValueError, match=r"^a must be finite"):
        integrand(-1.0, 0.0, 0.5)
    with pytest.raises(ValueError, match=r"^b must be finite"):
        integrand(0.0, -1.0, 0.5)


def exact_term(a, b, y):
    """a log y + b log(1 - y) in 120 digits, for a, b > 0."""
    return a * y.ln() + b * (1 - y).ln()


SHIFTS = [sign * size for size in (3.0, 0.1, 1e-3, 1e-6) for sign in (1, -1)]


@given(data=st.data())
def test_prop_1_every_other_d_near_d_star_or_far_from_it_has_a_lower_value(data, density_pairs):
    # V is a sum over points, so D may be changed at one point at a time. D* +- delta are taken
    # with delta = 3 to 1e-6 in the logit, and V is computed in 120 digits: no rounding hides a
    # rival that is better. Any error of D* above 5e-7 in the logit fails.
    p_data, p_g = data.draw(density_pairs)
    far = data.draw(st.lists(st.floats(0, 1), max_size=3))
    for a, b, y in zip(p_data, p_g, optimal_discriminator(p_data, p_g), strict=True):
        if a == b == 0:
            continue
        if a == 0 or b == 0:
            assert y == (a > 0)  # the term is 0 there, and negative for every other y
        elif 1e-90 <= y <= 1 - 1e-8:  # 120 digits suffice, and a float64 y has a logit to 1e-7
            a, b, y = Decimal(a), Decimal(b), Decimal(y)
            odds = [y / (1 - y) * Decimal(shift).exp() for shift in SHIFTS]
            rivals = [r / (1 + r) for r in odds] + [Decimal(r) for r in far if Decimal(r) != y]
            for rival in rivals:
                assert exact_term(a, b, rival) < exact_term(a, b, y)


@given(data=st.data())
def test_prop_1_no_random_d_has_a_higher_game_value(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    D_star = optimal_discriminator(p_data, p_g)
    D = np.array(data.draw(st.lists(st.floats(0, 1), min_size=D_star.size, max_size=D_star.size)))
    rounded_to_1 = (D_star == 1) & (p_g > 0)
    D_star[rounded_to_1] = np.nextafter(1, 0)  # D = 1 would give -inf; p_g is below 1e-15 here
    assert game_value(p_data, p_g, D) <= game_value(p_data, p_g, D_star) + 1e-13


@given(data=st.data())
def test_eq_1_two_expectations_are_the_one_sum_of_eq_3(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    D = data.draw(
        st.lists(st.floats(1e-300, 1 - 1e-16), min_size=p_data.size, max_size=p_data.size)
    )
    over_data = math.fsum(a * math.log(y) for a, y in zip(p_data, D, strict=True))
    over_samples = math.fsum(b * math.log1p(-y) for b, y in zip(p_g, D, strict=True))
    assert game_value(p_data, p_g, D) == pytest.approx(over_data + over_samples, rel=1e-14, abs=0)


@given(data=st.data())
def test_the_objective_of_d_is_twice_the_log_likelihood_of_a_fair_coin_given_x(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    D = data.draw(st.lists(st.floats(0.001, 0.999), min_size=p_data.size, max_size=p_data.size))
    log_likelihood = 0.0
    for x, probability in enumerate(D):
        for coin, density in ((1, p_data), (0, p_g)):
            joint = 0.5 * density[x]
            log_likelihood += joint * math.log(probability if coin == 1 else 1 - probability)
    assert game_value(p_data, p_g, D) == pytest.approx(2 * log_likelihood, rel=1e-12, abs=0)


def test_d_star_is_the_probability_of_data_that_bayes_rule_gives():
    p_data, p_g = np.array([0.2, 0.8]), np.array([0.6, 0.4])
    evidence = 0.5 * p_data + 0.5 * p_g
    np.testing.assert_allclose(optimal_discriminator(p_data, p_g), 0.5 * p_data / evidence)


@given(data=st.data())
def test_at_the_equilibrium_d_is_one_half_and_each_term_of_v_is_minus_log_2(data, density_pairs):
    p, _ = data.draw(density_pairs)
    D = optimal_discriminator(p, p)
    np.testing.assert_array_equal(D[p > 0], 0.5)
    over_data, over_samples = integrand(p, 0, D), integrand(0, p, D)
    for term in (over_data, over_samples):
        np.testing.assert_allclose(term, -p * LOG_2, rtol=1e-12, atol=1e-300)
        assert abs(math.fsum(term) + LOG_2) <= 1e-12
    assert abs(game_value(p, p, D) + 2 * LOG_2) <= 1e-12
    # At D = 1/2, log D = log(1 - D). At D = 3/4 the two terms differ.
    three_quarters = np.full(p.shape, 0.75)
    assert abs(math.fsum(integrand(p, 0, three_quarters)) - (LOG_3 - 2 * LOG_2)) <= 1e-12
    assert abs(math.fsum(integrand(0, p, three_quarters)) + 2 * LOG_2) <= 1e-12
    assert abs(game_value(p, p, three_quarters) - (LOG_3 - 4 * LOG_2)) <= 1e-12


def test_the_value_is_minus_infinity_where_d_gives_probability_0_to_what_happens():
    assert game_value([1, 0], [0, 1], [0, 0]) == -math.inf
    assert game_value([1, 0], [0, 1], [1, 1]) == -math.inf
    assert game_value([1, 0], [0, 1], [1, 0]) == 0
    assert game_value([0.5, 0.5], [0.5, 0.5], [0, 1]) == -math.inf


def test_a_d_that_is_nan_outside_both_supports_adds_nothing():
    assert game_value([0.5, 0.5, 0], [0.5, 0.5, 0], [0.5, 0.5, np.nan]) == game_value(
        [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]
    )
    with pytest.raises(ValueError, match=r"D must lie in \[0, 1\]"):
        game_value([0.5, 0.5, 0], [0.5, 0.5, 0], [np.nan, 0.5, 0.5])


def test_game_value_raises_for_what_is_not_a_density_and_for_two_shapes():
    with pytest.raises(ValueError, match="p_g sums to 2"):
        game_value([1.0], [2.0], [0.5])
    with pytest.raises(ValueError, match=r"^p_data has shape \(2,\) and D has shape \(1,\)"):
        game_value([0.5, 0.5], [0.5, 0.5], [0.5])


@given(data=st.data())
def test_the_order_of_the_points_changes_nothing(data, density_pairs):
    p_data, p_g = data.draw(density_pairs)
    order = np.array(data.draw(st.permutations(range(p_data.size))))
    D = optimal_discriminator(p_data, p_g)
    np.testing.assert_array_equal(optimal_discriminator(p_data[order], p_g[order]), D[order])
    assert game_value(p_data[order], p_g[order], D[order]) == game_value(p_data, p_g, D)
