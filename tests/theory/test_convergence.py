"""Prop. 2: each update lowers C along its subgradient for the optimal D, and p_g -> p_data."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from decimal import Decimal
from fractions import Fraction
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy

from minigan.theory import (
    converge,
    criterion,
    exponentiated_gradient,
    jsd,
    optimal_discriminator,
    subgradient,
)

MINUS_LOG_4 = -1.3862943611198906


def update_of_the_formula(p_data, p_g, eta):
    """p_g exp(-eta log(1 - D*)), normalised, point by point."""
    raised = []
    for a, b in zip(p_data, p_g, strict=True):
        D = a / (a + b)
        raised.append(b * math.exp(-eta * math.log(1 - D)))
    return np.array([entry / math.fsum(raised) for entry in raised])


def exact_criterion(p_data, p_g):
    """max_D V(D, G) of Decimal densities: sum a log(a / (a + b)) + b log(b / (a + b))."""
    total = Decimal(0)
    for a, b in zip(p_data, p_g, strict=True):
        total += b * (b / (a + b)).ln() + (a * (a / (a + b)).ln() if a > 0 else 0)
    return total


def exact_slopes(p_data, p_g):
    """dC in the direction e_x - e_0 for every x: a central difference in 120 digits."""
    p_data, p_g, h = list(map(Decimal, p_data)), list(map(Decimal, p_g)), Decimal("1e-40")
    slopes = []
    for x in range(len(p_g)):
        ends = []
        for sign in (1, -1):
            moved = list(p_g)
            moved[x] += sign * h
            moved[0] -= sign * h
            ends.append(exact_criterion(p_data, moved))
        slopes.append(float((ends[0] - ends[1]) / (2 * h)))
    return np.array(slopes)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("eta", [1.0, 0.5, 0.1, 0.02])
def test_prop_2_each_update_is_a_subgradient_step_and_p_g_reaches_p_data(seed, eta):
    rng = np.random.default_rng(seed)
    p_data, start = rng.dirichlet(np.ones(5), size=2)
    if seed == 0:  # the support of p_g may be larger than that of p_data
        p_data = np.append(p_data[:-2], [p_data[-2:].sum(), 0.0])
    path = list(islice(converge(p_data, start, eta), round(100 / eta)))

    for step, later in pairwise(path[:15]):
        # D is optimal for this p_g, and C is the criterion.
        pairs = zip(map(Fraction, p_data), map(Fraction, step.p_g), strict=True)
        D = [float(a / (a + b)) for a, b in pairs]
        np.testing.assert_allclose(step.D, D, rtol=1e-15)
        C = exact_criterion(map(Decimal, p_data), map(Decimal, step.p_g))
        assert abs(step.C - float(C)) <= 1e-15
        # The update is the multiplicative step along dC/dp_g, which Prop. 2 uses as subgradient:
        # log(new p_g / p_g) = -eta dC/dp_g, up to a constant that normalises.
        assert later.p_g.min() > 0
        moved = np.log(later.p_g / step.p_g)
        np.testing.assert_allclose(
            moved - moved[0], -eta * exact_slopes(p_data, step.p_g), rtol=1e-12, atol=1e-14
        )
        assert math.fsum(later.p_g) == pytest.approx(1, abs=1e-15)
        # It lowers C by at least KL(p_g || new p_g) / eta.
        assert entropy(step.p_g, later.p_g) / eta <= step.C - later.C + 1e-15

    distance = entropy(p_data, start)
    for t, (step, later) in enumerate(pairwise(path), start=1):
        assert later.C - step.C <= 1e-15
        above_minimum = later.C - MINUS_LOG_4
        assert above_minimum <= distance / (eta * t) + 1e-14
    np.testing.assert_allclose(path[-1].p_g, p_data, rtol=1e-12, atol=1e-15)
    assert abs(path[-1].C - MINUS_LOG_4) < 1e-15


@given(data=st.data(), eta=st.floats(0.05, 1))
def test_prop_2_each_step_is_the_exponentiated_gradient(data, eta):
    entries = st.lists(st.floats(0.01, 1), min_size=4, max_size=4).map(np.array)
    p_data, p_g = (p / p.sum() for p in (data.draw(entries), data.draw(entries)))
    for now, later in pairwise(islice(converge(p_data, p_g, eta), 5)):
        expected = update_of_the_formula(p_data, now.p_g, eta)
        np.testing.assert_allclose(later.p_g, expected, rtol=1e-13)
        np.testing.assert_allclose(
            exponentiated_gradient(now.p_g, subgradient(p_data, now.p_g), eta), expected, rtol=1e-13
        )


@given(data=st.data())
def test_prop_2_with_eta_1_each_step_halves_the_distance(data, full_pairs):
    p_data, start = data.draw(full_pairs)
    for t, step in enumerate(islice(converge(p_data, start), 30)):
        closed_form = p_data + (start - p_data) / 2**t
        np.testing.assert_allclose(step.p_g, closed_form, rtol=1e-13, atol=1e-15)


@given(data=st.data(), eta=st.floats(0.01, 1))
def test_prop_2_the_criterion_never_rises_and_keeps_its_bound(data, eta, full_pairs):
    p_data, start = data.draw(full_pairs)
    path = list(islice(converge(p_data, start, eta), 30))
    for now, later in pairwise(path):
        assert later.C - now.C <= 1e-15
    distance = max(0, entropy(p_data, start))  # SciPy's KL can round to -1e-16
    for t, step in enumerate(path[1:], start=1):
        above_minimum = step.C - MINUS_LOG_4
        assert above_minimum <= distance / (eta * t) + 1e-14


@pytest.mark.parametrize("eta", [0.1, 0.5, 1.0])
def test_prop_2_p_g_reaches_p_data_from_a_start_close_to_0(eta):
    p_data = np.array([0.1, 0.2, 0.7, 0.0])
    *_, last = islice(converge(p_data, [1e-200, 0.3, 0.2, 0.5], eta), 2000)
    assert jsd(p_data, last.p_g) < 1e-28
    np.testing.assert_allclose(last.D[:3], 0.5, rtol=1e-13)
    assert abs(last.C - MINUS_LOG_4) < 1e-15


@given(data=st.data(), eta=st.floats(0.01, 1))
def test_each_step_holds_a_density_its_optimal_d_and_its_criterion(data, eta, full_pairs):
    p_data, start = data.draw(full_pairs)
    for step in islice(converge(p_data, start, eta), 4):
        assert math.fsum(step.p_g) == pytest.approx(1, abs=1e-15)
        np.testing.assert_array_equal(step.D, optimal_discriminator(p_data, step.p_g))
        np.testing.assert_array_equal(step.C, criterion(p_data, step.p_g))


def test_the_first_step_is_the_start_and_the_inputs_do_not_change():
    p_data, start = np.array([0.25, 0.75]), np.array([0.5, 0.5])
    first, second = islice(converge(p_data, start), 2)
    np.testing.assert_array_equal(first.p_g, start)
    np.testing.assert_array_equal(second.p_g, [0.375, 0.625])
    np.testing.assert_array_equal(start, [0.5, 0.5])
    np.testing.assert_array_equal(p_data, [0.25, 0.75])


def test_steps_are_compared_by_identity_and_cannot_be_changed():
    first, second = islice(converge([0.25, 0.75], [0.5, 0.5]), 2)
    assert len({first, second, first}) == 2
    assert first != second
    with pytest.raises(FrozenInstanceError):
        first.C = 0.0


def test_a_single_point_and_points_outside_both_supports_do_not_change():
    *_, last = islice(converge([1.0, 0.0], [1.0, 0.0], 0.3), 3)
    np.testing.assert_array_equal(last.p_g, [1, 0])
    np.testing.assert_array_equal(last.D, [0.5, np.nan])


@pytest.mark.parametrize("eta", [1.1, 1.5, 2.0])
def test_above_eta_1_the_criterion_can_rise(eta):
    p_data, start = np.array([0.1, 0.9]), np.array([1e-15 ** (1 / (eta - 1)), 1.0])
    overshot = start ** (1 - eta) * (p_data + start) ** eta
    assert criterion(p_data, overshot / overshot.sum()) > criterion(p_data, start)


def test_an_exponentiated_gradient_step_by_hand():
    # 0.5 e^-log 2 = 0.25 and 0.5 e^0 = 0.5, divided by 0.75
    step = exponentiated_gradient([0.5, 0.5], [math.log(2), 0.0])
    np.testing.assert_allclose(step, [1 / 3, 2 / 3], rtol=1e-15)
    # eta = 2 squares the factor; a constant in the slope changes nothing and cannot overflow
    step = exponentiated_gradient([0.5, 0.5], [math.log(2) - 1e4, -1e4], eta=2.0)
    np.testing.assert_allclose(step, [0.2, 0.8], rtol=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
def test_an_exponentiated_gradient_step_is_computed_in_float64(dtype):
    # e^-(1/8) has more digits than float32; both inputs are exact in every dtype
    step = exponentiated_gradient(np.array([0.5, 0.5], dtype), np.array([0.125, 0.0], dtype))
    assert step.dtype == np.float64
    np.testing.assert_allclose(step, [1 / (1 + math.exp(0.125)), 1 / (1 + math.exp(-0.125))], 1e-15)


@pytest.mark.parametrize("eta", [0.0, -0.5, 1.0000001, math.nan, math.inf])
def test_a_step_size_outside_its_range_raises_before_the_first_step(eta):
    with pytest.raises(ValueError, match="give a step size above 0 and at most 1"):
        converge([1.0], [1.0], eta)


def test_a_start_without_full_support_raises_before_the_first_step():
    with pytest.raises(ValueError, match="positive wherever p_data is"):
        converge([0.5, 0.5, 0.0], [1.0, 0.0, 0.0])
    next(converge([1.0, 0.0], [0.5, 0.5]))


@pytest.mark.parametrize(
    ("p_g", "message"),
    [
        ([1.5, -0.5], "p_g must be finite and non-negative"),
        ([np.nan, 1.0], "p_g must be finite and non-negative"),
        ([0.5, 0.6], "p_g sums to 1.1, not to 1"),
        ([1.0], "same points"),
    ],
)
def test_a_start_that_is_not_a_density_raises_before_the_first_step(p_g, message):
    with pytest.raises(ValueError, match=message):
        converge([0.5, 0.5], p_g)
