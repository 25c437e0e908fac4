"""Complex step and central difference compared with derivatives in closed form."""

import decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigan.gradcheck.numeric import (
    CENTRAL,
    COMPLEX_STEP,
    H,
    NumericDerivatives,
    central_difference,
    complex_step,
    derivatives,
    exception_summary,
    largest_derivative,
)
from minigan.gradcheck.pair import Line, Pair


def lines_of(f, x, dy=None):
    x = np.asarray(x, dtype=float)
    y = np.asarray(f(x))
    pair = Pair(f, lambda *_: None, (x,), ("x",), y, np.ones(y.shape) if dy is None else dy)
    return [Line(pair, 0, i) for i in range(x.size)]


def test_the_step_is_a_power_of_two_far_below_rounding():
    assert H == 2.0**-100


def test_the_complex_step_is_exact_to_rounding():
    # exp(x)/sqrt(sin(x)^3 + cos(x)^3) at 1.5, the example of Squire and Trapp, 1998
    def f(x):
        return np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)

    (line,) = lines_of(f, [1.5])
    assert abs(complex_step(line) - 4.05342789389862) < 1e-14
    assert abs(central_difference(line) - 4.05342789389862) < 1e-8


@pytest.mark.parametrize("offset", [0.0, 1.0, 1e8, 1e16])
def test_the_real_part_of_y_does_not_change_the_complex_step(offset):
    (line,) = lines_of(lambda x: offset + np.exp(x), [0.3])
    with decimal.localcontext(decimal.Context(prec=40)):
        true = float(decimal.Decimal.from_float(0.3).exp())
    assert abs(complex_step(line) - true) <= 2e-16 * true


@settings(max_examples=30)
@given(st.floats(-300, 300))
def test_the_complex_step_is_accurate_over_260_orders_of_magnitude(a):
    (line,) = lines_of(np.exp, [a])
    assert complex_step(line) == pytest.approx(np.exp(a), rel=1e-14)


def test_dy_weights_the_entries_of_y():
    lines = lines_of(np.sin, [0.1, 0.2], dy=np.array([2.0, -3.0]))
    assert complex_step(lines[0]) == pytest.approx(2 * np.cos(0.1), rel=1e-15)
    assert central_difference(lines[1]) == pytest.approx(-3 * np.cos(0.2), rel=1e-9)


def test_two_real_calls_confirm_each_complex_call():
    calls = {"c": 0, "f": 0}

    def f(x):
        calls[x.dtype.kind] += 1
        return np.tanh(x)

    lines = lines_of(f, np.linspace(-2, 2, 30))
    calls.update(c=0, f=0)
    assert derivatives(lines, np.zeros(30)).method == COMPLEX_STEP
    assert calls == {"c": 30, "f": 60}


def test_code_that_rejects_complex_numbers_is_compared_with_central_differences():
    found = derivatives(lines_of(np.cbrt, [8.0]), np.array([1 / 12]))
    assert found.method == CENTRAL
    assert "raises an exception for complex numbers (TypeError" in found.reason
    assert found.low[0] == pytest.approx(1 / 12, rel=1e-9)


def test_nan_at_complex_points_only_selects_central_differences():
    def f(x):
        return x * 2 if x.dtype.kind == "f" else x * np.nan

    found = derivatives(lines_of(f, [1.0]), np.array([2.0]))
    assert found.method == CENTRAL
    assert "NaN or Inf at the complex point x + ih" in found.reason


@pytest.mark.parametrize(
    ("f", "derivative", "text"),
    [
        (lambda x: np.abs(x) * x, 4.0, "np.absolute"),
        (lambda x: x.real * x, 4.0, ".real"),
        (lambda x: np.real(x) ** 2, 4.0, "forward drops the imaginary part"),
        (lambda x: np.conj(x) * 3, 3.0, "forward conjugates"),
    ],
)
def test_a_disagreement_is_explained_and_the_central_difference_is_used(f, derivative, text):
    found = derivatives(lines_of(f, [2.0]), np.array([derivative]))
    assert found.method == CENTRAL
    numbers, _, operations = found.reason.partition("; found in forward: ")
    assert text in (operations if text.startswith(("np", ".")) else numbers)
    assert found.low[0] == pytest.approx(derivative, rel=1e-8)


def test_a_central_difference_does_not_depend_on_the_analytic_value():
    for analytic in (0.0, 6.0, np.nan):
        lines = lines_of(lambda x: np.abs(x) ** 3, [1.0, 2.0])
        found = derivatives(lines, np.array([3.0, analytic]))
        assert found.low == pytest.approx([3.0, 12.0], rel=1e-8)


def test_at_a_kink_the_complex_step_uses_the_branch_taken():
    def relu(x):
        return np.where(x.real > 0, x, 0)

    found = derivatives(lines_of(relu, [-1.0, 0.0, 1.0]), np.zeros(3))
    assert found.method == COMPLEX_STEP
    assert list(found.kinks) == [1]
    assert found.low.tolist() == found.high.tolist() == [0.0, 0.0, 1.0]


def test_where_the_branch_depends_on_the_perturbation_both_slopes_are_correct():
    found = derivatives(lines_of(lambda x: np.maximum(x, 0), [0.0]), np.zeros(1))
    assert found.method == COMPLEX_STEP
    assert (found.low[0], found.high[0]) == (0.0, 1.0)


def test_at_a_kink_in_real_numbers_any_value_between_the_slopes_is_correct():
    found = derivatives(lines_of(np.fabs, [0.0]), np.array([0.5]))
    assert found.method == CENTRAL
    assert found.low[0] == pytest.approx(-1)
    assert found.high[0] == pytest.approx(1)
    assert found.nearest(np.array([0.5])).tolist() == [0.5]
    assert found.nearest(np.array([3.0]))[0] == pytest.approx(1)


def test_lower_precision_than_float64_is_detected():
    def f(x):
        return x.astype(np.float32).astype(float) ** 2

    assert derivatives(lines_of(f, [0.3, 0.7]), np.array([0.6, 1.4])).low_precision


def test_a_point_where_differences_have_no_limit_is_reported():
    found = derivatives(lines_of(lambda x: np.where(x == 1, x, np.nan), [1.0]), np.ones(1))
    assert found.unconverged == (0,)


def test_the_value_nearest_to_nan_is_the_lower_one():
    found = NumericDerivatives(COMPLEX_STEP, np.array([1.0]), np.array([2.0]), np.zeros(1))
    assert found.nearest(np.array([np.nan])).tolist() == [1.0]
    assert found.nearest(np.array([1.5])).tolist() == [1.5]


def test_an_exception_in_one_line():
    assert exception_summary(ValueError("bad\nworse")) == "ValueError: bad"
    assert exception_summary(KeyError()) == "KeyError"


def test_where_kinks_meet_the_derivative_of_the_branch_may_lie_outside_the_slopes():
    def forward(x):
        a, b = x * np.ones(3), x * np.array([-2.0, -3.0, -4.0])
        return np.where(a.real > 0, a, 0) - np.where(b.real > 0, b, 0)

    # right: three units of slope 1 are active; left: three of slopes 2, 3, 4; at 0: none
    found = derivatives(lines_of(forward, [0.0]), np.zeros(1))
    assert found.method == COMPLEX_STEP
    assert found.kinks[0].left == pytest.approx(9)
    assert found.kinks[0].right == pytest.approx(3)
    assert found.low.tolist() == found.high.tolist() == [0.0]


def test_a_dropped_imaginary_part_is_detected_near_a_kink_too():
    found = derivatives(lines_of(lambda x: np.abs(x) + x.real, [0.0]), np.zeros(1))
    assert found.method == CENTRAL
    assert "near a kink" in found.reason
    assert "np.absolute" in found.reason


@pytest.mark.parametrize("f", [lambda x: 1 / x, lambda x: np.log(x**2)])
def test_a_point_close_to_a_singularity_keeps_the_complex_step(f):
    assert derivatives(lines_of(f, [1e-8, 1e-10]), np.zeros(2)).method == COMPLEX_STEP


def test_the_largest_derivative_is_per_unit_of_length():
    lines = lines_of(lambda x: x * 1, [1.0, 2.0])
    dense = Line(lines[0].pair, 0, np.array([3.0, 4.0]))
    assert largest_derivative(lines, np.array([1e-3, -2e-3])) == 2e-3
    assert largest_derivative([*lines, dense], np.array([1e-3, np.nan, 0.05])) == pytest.approx(
        0.01
    )
    assert largest_derivative([], np.zeros(0)) == 0.0
