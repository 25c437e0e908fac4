"""y = x W + b and its three gradients, compared with loops and with the complex step."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st
from slow import complex_step, weighted

from minigan.layers import Linear, linear
from minigan.trace import LayerTrace

SIZES = st.integers(1, 7)
SEEDS = st.integers(0, 2**32 - 1)


def draw(seed: int, m: int, n: int, u: int, dtype: type = np.float64) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    shapes = [(m, n), (n, u), (u,), (m, u)]
    return tuple(rng.standard_normal(shape).astype(dtype) for shape in shapes)


def test_a_hand_worked_example() -> None:
    x, W, b = np.array([[1.0, 2.0]]), np.array([[3.0, 5.0], [7.0, 11.0]]), np.array([0.5, -1.0])
    dy = np.array([[1.0, 10.0]])
    np.testing.assert_array_equal(linear.forward(x, W, b), [[17.5, 26.0]])
    np.testing.assert_array_equal(linear.backward_input(dy, W), [[53.0, 117.0]])
    dW, db = linear.backward_params(dy, x)
    np.testing.assert_array_equal(dW, [[1.0, 10.0], [2.0, 20.0]])
    np.testing.assert_array_equal(db, [1.0, 10.0])


@given(seed=SEEDS, m=SIZES, n=SIZES, u=SIZES)
def test_forward_is_the_sum_over_inputs(seed: int, m: int, n: int, u: int) -> None:
    x, W, b, _ = draw(seed, m, n, u)
    y = [[sum(x[i, k] * W[k, j] for k in range(n)) + b[j] for j in range(u)] for i in range(m)]
    np.testing.assert_allclose(linear.forward(x, W, b), y, rtol=1e-13, atol=1e-13)


@given(seed=SEEDS, m=SIZES, n=SIZES, u=SIZES)
def test_dW_and_db_equal_the_complex_step_to_1e_12(seed: int, m: int, n: int, u: int) -> None:
    x, W, b, dy = draw(seed, m, n, u)
    dW, db = linear.backward_params(dy, x)
    for analytic, numeric in (
        (dW, complex_step(lambda v: weighted(linear.forward(x, v, b), dy), W)),
        (db, complex_step(lambda v: weighted(linear.forward(x, W, v), dy), b)),
    ):
        assert analytic.shape == numeric.shape
        assert abs(analytic - numeric).max() <= 1e-12 * abs(numeric).max()


@given(seed=SEEDS, m=SIZES, n=SIZES, u=SIZES)
def test_out_receives_dW_and_db(seed: int, m: int, n: int, u: int) -> None:
    x, W, b, dy = draw(seed, m, n, u)
    out = (np.full_like(W, np.nan), np.full_like(b, np.nan))
    dW, db = linear.backward_params(dy, x, out=out)
    assert dW is out[0]
    assert db is out[1]
    for written, returned in zip(out, linear.backward_params(dy, x), strict=True):
        np.testing.assert_array_equal(written, returned)


@pytest.mark.parametrize(
    "call",
    [
        lambda x, W, b, dy, out: linear.forward(x, W, b, out=out[0]),
        lambda x, W, b, dy, out: linear.backward_input(dy, W, out=out[0]),
        lambda x, W, b, dy, out: linear.backward_params(dy, x, out=out),
    ],
)
def test_with_out_no_other_array_is_allocated(call: Callable[..., Any]) -> None:
    n = 256  # large compared with the 64 KiB that NumPy buffers to broadcast b
    arrays, out = draw(0, n, n, n), (np.empty((n, n)), np.empty(n))
    call(*arrays, out)
    tracemalloc.start()
    try:
        call(*arrays, out)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < out[0].nbytes / 4


@given(seed=SEEDS, m=st.integers(1, 300), n=SIZES, u=SIZES)
def test_float32_is_within_2e_6_of_float64_on_the_scale_of_the_added_terms(
    seed: int, m: int, n: int, u: int
) -> None:
    # If the terms of a sum cancel, rounding errors of the terms are large relative to the sum. So
    # the scale of an entry is the result of the same formula for the absolute values.
    x, W, b, dy = draw(seed, m, n, u, np.float32)
    wide = [v.astype(np.float64) for v in (x, W, b, dy)]
    for function, arguments in (
        (linear.forward, (0, 1, 2)),
        (linear.backward_input, (3, 1)),
        (lambda dy, x: linear.backward_params(dy, x)[0], (3, 0)),
        (lambda dy, x: linear.backward_params(dy, x)[1], (3, 0)),
    ):
        narrow = function(*[(x, W, b, dy)[i] for i in arguments])
        exact = function(*[wide[i] for i in arguments])
        scale = function(*[abs(wide[i]) for i in arguments])
        assert narrow.dtype == np.float32
        assert abs(narrow - exact).max() <= 2e-6 * scale.max()


def test_the_tangent_has_no_bias_and_goes_to_out() -> None:
    q, W, out = (
        np.array([[1.0, 2.0]]),
        np.array([[3.0, 5.0, 7.0], [1.0, 0.0, 2.0]]),
        np.empty((1, 3)),
    )
    assert linear.tangent(q, W, out=out) is out
    np.testing.assert_array_equal(out, [[5.0, 5.0, 11.0]])


@pytest.mark.parametrize("f", [anp.sin, lambda y: 3 * y])
def test_the_gradient_along_a_direction_is_the_nested_gradient_of_autograd(f: Any) -> None:
    """Of sum_i d_i f_i + d/de sum_i f_i(x_i + e q_i), where f_i is the sum of f over the u outputs.

    For f(y) = 3 y, dy is constant and ddy is None.
    """
    rng, rows = np.random.default_rng(0), slice(1, 3)
    x, W, b, _ = draw(0, 4, 3, 2)
    d, q = rng.standard_normal((4, 1)), rng.standard_normal((2, 3))

    def along(W: Any, b: Any) -> Any:
        moved = grad(lambda e: anp.sum(f(anp.dot(x[rows] + e * q, W) + b)))(0.0)
        return anp.sum(d * f(anp.dot(x, W) + b)) + moved

    y = x @ W + b
    dy, ddy = (
        (np.cos(y), -np.sin(y[rows]) * (q @ W)) if f is anp.sin else (np.full((4, 2), 3), None)
    )
    expected = grad(along, 0)(W, b), grad(along, 1)(W, b)
    out = np.full_like(W, np.nan), np.full_like(b, np.nan)
    returned = linear.backward_params_along(dy, x, d, rows, q, ddy, out=out)
    fresh = linear.backward_params_along(dy, x, d, rows, q, ddy)
    dtheta = {"W": np.full_like(W, np.nan), "b": np.full_like(b, np.nan)}
    trace = LayerTrace(x, y, np.empty_like(x))
    Linear(2, 0.1).backward_params_along(dtheta, trace, dy, d, rows, q, ddy)
    for results in (out, fresh, dtheta.values()):
        for result, gradient in zip(results, expected, strict=True):
            np.testing.assert_allclose(result, gradient, rtol=1e-13, atol=1e-14)
    assert returned[0] is out[0]
    assert returned[1] is out[1]
