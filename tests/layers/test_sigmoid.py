"""The logistic sigmoid: full relative accuracy, also for large |x|."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.special import logit as scipy_logit
from slow import H

from minigan.layers import sigmoid


@given(a=st.floats(-600, 600))
def test_sigma_agrees_with_scipy_to_2e_16_and_more_digits(a: float) -> None:
    y = sigmoid.forward(np.array([a]))[0]
    assert abs(y - expit(a)) <= 4e-16 * expit(a)


@given(a=st.floats(-600, 600))
def test_the_slope_has_full_relative_accuracy_on_both_sides(a: float) -> None:
    # sigma(a) sigma(-a) with exact rational arithmetic around one correctly rounded exponential.
    e = Fraction(math.exp(-abs(a)))
    slope = float(e / (1 + e) ** 2)
    dx = sigmoid.backward_input(np.array([1.0]), np.array([a]))[0]
    assert abs(dx - slope) <= 1e-15 * slope


def test_float32_reaches_down_to_minus_80() -> None:
    x = np.array([-80.0, -20.0, 80.0], dtype=np.float32)
    np.testing.assert_allclose(sigmoid.forward(x)[:2], [1.8048513e-35, 2.0611537e-9], rtol=1e-6)
    slopes = sigmoid.backward_input(np.ones(3, dtype=np.float32), x)
    np.testing.assert_allclose(slopes, [1.8048513e-35, 2.0611537e-9, 1.8048513e-35], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_limits_are_exact_and_silent(dtype: type) -> None:
    x = np.array([-1e4, 0, 1e4], dtype=dtype)
    np.testing.assert_array_equal(sigmoid.forward(x), [0, 0.5, 1])
    np.testing.assert_array_equal(sigmoid.backward_input(np.ones_like(x), x), [0, 0.25, 0])


@pytest.mark.parametrize("h", [H, -H])
def test_the_complex_step_at_0_is_one_quarter_from_both_sides(h: float) -> None:
    # At x = 0 both formulas are valid; the real part alone must select one.
    assert sigmoid.forward(np.array([1j * h]))[0].imag / h == 0.25


def test_out_may_be_the_input() -> None:
    x = np.array([-1.0, 2.0])
    y, dx = sigmoid.forward(x), sigmoid.backward_input(np.array([3.0, 4.0]), x)
    dy, same = np.array([3.0, 4.0]), x.copy()
    np.testing.assert_array_equal(sigmoid.backward_input(dy, x, out=dy), dx)
    np.testing.assert_array_equal(sigmoid.backward_input(dy * 0 + [3, 4], same, out=same), dx)
    same = x.copy()
    np.testing.assert_array_equal(sigmoid.forward(same, out=same), y)
    np.testing.assert_array_equal(same, y)


def test_tangent_and_curvature_at_log_3() -> None:
    # sigma = 3/4, so sigma' = 3/16 and sigma'' = 3/16 (1/4 - 3/4) = -3/32
    x, q, dy = np.log([3.0]), np.array([16.0]), np.array([2.0])
    np.testing.assert_allclose(sigmoid.tangent(q, x), 3.0, rtol=1e-15)
    np.testing.assert_allclose(sigmoid.curvature(dy, q, x), -3.0, rtol=1e-15)
    np.testing.assert_allclose(sigmoid.curvature(dy, q, -x), 3.0, rtol=1e-15)
    assert sigmoid.tangent(q, x, out=q) is q


@pytest.mark.parametrize("y", [5e-324, 1e-300, 1e-9, 0.25, 0.5, 0.75, 1 - 1e-9, 1 - 2.0**-53])
def test_the_logit_agrees_with_scipy_also_near_0_and_1(y: float) -> None:
    found = sigmoid.logit(np.array([y]))
    np.testing.assert_allclose(found, scipy_logit([y]), rtol=1e-14)
    np.testing.assert_allclose(sigmoid.forward(found), y, rtol=1e-13)


def test_the_logit_of_three_quarters_is_log_3_in_the_dtype_of_y() -> None:
    for dtype in (np.float32, np.float64):
        y = np.array([0.75, 0.25], dtype)
        found = sigmoid.logit(y)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, [math.log(3), -math.log(3)], rtol=1e-7)
