"""max(0, x): values, the slope at 0, infinities and NaN."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.layers import relu


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_values_by_definition(dtype: type) -> None:
    x = np.array([-2.0, -1e-300, 0.0, 1e-30, 3.0], dtype=dtype)
    np.testing.assert_array_equal(relu.forward(x), [0, 0, 0, x[3], 3])


def test_the_slope_at_zero_is_zero() -> None:
    y = relu.forward(np.zeros(3))
    np.testing.assert_array_equal(relu.backward_input(np.ones(3), y), 0)
    assert relu.forward(np.array([1j]))[0] == 0


def test_the_slope_is_one_above_and_zero_below() -> None:
    y = relu.forward(np.array([-1.0, 2.0]))
    np.testing.assert_array_equal(relu.backward_input(np.array([5.0, 7.0]), y), [0.0, 7.0])


def test_minus_infinity_becomes_zero_and_nan_stays() -> None:
    y = relu.forward(np.array([-np.inf, np.inf, np.nan]))
    assert y[0] == 0
    assert y[1] == np.inf
    assert np.isnan(y[2])


def test_out_may_be_the_input() -> None:
    x, dy = np.array([-1.0, 2.0]), np.array([3.0, 4.0])
    assert relu.forward(x, out=x) is x
    np.testing.assert_array_equal(x, [0.0, 2.0])
    assert relu.backward_input(dy, x, out=dy) is dy
    np.testing.assert_array_equal(dy, [0.0, 4.0])


def test_complex_out_may_be_the_input() -> None:
    x = np.array([-1.0 + 1j, 2.0 + 1j])
    assert relu.forward(x, out=x) is x
    np.testing.assert_array_equal(x, [0, 2.0 + 1j])


def test_the_tangent_passes_where_the_output_is_positive() -> None:
    y, q = relu.forward(np.array([-1.0, 0.0, 2.0])), np.array([3.0, 4.0, 5.0])
    np.testing.assert_array_equal(relu.tangent(q, y), [0.0, 0.0, 5.0])
    assert relu.tangent(q, y, out=q) is q
