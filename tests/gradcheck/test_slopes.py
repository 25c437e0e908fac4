"""One-sided slopes compared with derivatives in closed form."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigan.gradcheck.pair import Line, Pair
from minigan.gradcheck.slopes import extrapolated_limit, one_sided_slopes, rounding_error


def line_of(f, x):
    """The line t -> f(x + t)."""
    at = np.array([x])
    y = np.asarray(f(at))
    return Line(Pair(f, lambda *_: None, (at,), ("x",), y, np.ones(y.shape)), 0, 0)


@pytest.mark.parametrize(
    ("f", "derivative"),
    [
        (np.sin, np.cos),
        (np.exp, np.exp),
        (lambda x: 1 / x, lambda x: -1 / x**2),
        (lambda x: np.tanh(30 * x), lambda x: 30 / np.cosh(30 * x) ** 2),
    ],
)
@pytest.mark.parametrize("x", [-1.3, 0.02, 0.7])
def test_at_a_smooth_point_both_slopes_are_the_derivative(f, derivative, x):
    slopes = one_sided_slopes(line_of(f, x), enough=0.0)
    true = derivative(x)
    assert abs(slopes.left - true) <= 1e-7 * max(1, abs(true))
    assert abs(slopes.right - true) <= 1e-7 * max(1, abs(true))
    assert abs(slopes.middle - true) <= 10 * slopes.error
    assert not slopes.kink(1e-6 * abs(true))


@settings(max_examples=40)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-2, 2), st.floats(-5, 5))
def test_at_a_kink_the_slopes_are_those_of_the_two_branches(left, right, bend, x0):
    def f(x):
        return np.where(x < x0, left * (x - x0), right * (x - x0)) + bend * (x - x0) ** 2 + 0.5

    slopes = one_sided_slopes(line_of(f, x0), enough=0.0)
    assert abs(slopes.left - left) < 1e-7
    assert abs(slopes.right - right) < 1e-7
    assert slopes.kink(1e-6) == (abs(left - right) > 1e-6 + 10 * slopes.error)


@pytest.mark.parametrize("distance", [1e-3, 1e-5, 1e-7])
def test_a_kink_nearby_is_not_a_kink_at_the_point(distance):
    slopes = one_sided_slopes(line_of(np.abs, distance), enough=0.0)
    assert abs(slopes.middle - 1) < 1e-6
    assert not slopes.kink(1e-6)


def test_a_function_without_slopes_has_an_infinite_error():
    slopes = one_sided_slopes(line_of(lambda x: np.where(x == 0.5, 0.0, np.nan), 0.5), enough=0.0)
    assert slopes.error == math.inf


def test_a_domain_that_ends_at_the_point_does_not_raise():
    def forward(x):
        if np.any(x < 0):
            raise ValueError("negative")
        return x * 2

    assert one_sided_slopes(line_of(forward, 0.0), enough=0.0).error == math.inf


def test_the_extrapolation_removes_the_terms_in_h_and_h_squared():
    steps = [0.1 / 4**k for k in range(3)]
    value, _ = extrapolated_limit([7 + 3 * h - 5 * h**2 for h in steps], [0.0] * 3)
    assert abs(value - 7) < 1e-14


def test_the_error_of_the_limit_includes_the_rounding_noise():
    assert extrapolated_limit([1.0, 1.0, 1.0], [1e-9, 2e-9, 4e-9]) == (1.0, 4e-9)


def test_the_rounding_error_is_eight_epsilon_times_magnitude_over_step():
    assert rounding_error(line_of(lambda x: x, 3.0), 0.5) == 8 * 2.0**-52 * 3.0 / 0.5


def test_no_smaller_step_is_tried_once_the_error_is_small_enough():
    calls = []

    def forward(x):
        calls.append(1)
        return x**2

    line = line_of(forward, 1.0)
    calls.clear()
    one_sided_slopes(line, enough=1e-3)
    assert len(calls) == 6
