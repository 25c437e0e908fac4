"""Properties of every layer for many shapes and seeds: gradients, dtypes, buffers, precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow import H, complex_step, weighted

from minigan.layers import dropout, linear, maxout, relu, sigmoid

SEEDS = st.integers(0, 2**32 - 1)
ROWS, WIDTHS = st.integers(1, 6), st.integers(1, 7)


@dataclass
class Case:
    """A layer with its parameters fixed: y = forward(x), dx = backward(dy, x, y)."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    size_in: int
    out_shape: tuple[int, int]


def make_case(name: str, rng: np.random.Generator, m: int, n: int, dtype: Any) -> Case:
    if name == "relu":
        return Case(relu.forward, lambda dy, x, y, **k: relu.backward_input(dy, y, **k), n, (m, n))
    if name == "sigmoid":
        return Case(
            sigmoid.forward, lambda dy, x, y, **k: sigmoid.backward_input(dy, x, **k), n, (m, n)
        )
    if name == "maxout":
        pieces = int(rng.integers(1, 6))
        return Case(
            lambda x, **k: maxout.forward(x, pieces, **k),
            lambda dy, x, y, **k: maxout.backward_input(dy, x, y, pieces, **k),
            n * pieces,
            (m, n),
        )
    if name == "dropout":
        mask, keep = rng.random((m, n)) < 0.7, 0.7
        return Case(
            lambda x, **k: dropout.forward(x, mask, keep, **k),
            lambda dy, x, y, **k: dropout.backward_input(dy, mask, keep, **k),
            n,
            (m, n),
        )
    u = int(rng.integers(1, 7))
    W, b = rng.standard_normal((n, u)).astype(dtype), rng.standard_normal(u).astype(dtype)
    return Case(
        lambda x, **k: linear.forward(x, W, b, **k),
        lambda dy, x, y, **k: linear.backward_input(dy, W, **k),
        n,
        (m, u),
    )


layers = pytest.mark.parametrize("name", ["linear", "relu", "sigmoid", "maxout", "dropout"])
# The linear layer sums terms; test_linear.py uses the scale of their absolute values.
without_sums = pytest.mark.parametrize("name", ["relu", "sigmoid", "maxout", "dropout"])


@layers
@given(seed=SEEDS, m=ROWS, n=WIDTHS)
def test_dx_equals_the_complex_step_to_1e_12_for_inputs_within_8(
    name: str, seed: int, m: int, n: int
) -> None:
    rng = np.random.default_rng(seed)
    case = make_case(name, rng, m, n, np.float64)
    x = rng.uniform(-8, 8, (m, case.size_in))
    dy = rng.standard_normal(case.out_shape)
    numeric = complex_step(lambda v: weighted(case.forward(v), dy), x)
    analytic = case.backward(dy, x, case.forward(x))
    assert analytic.shape == x.shape
    assert abs(analytic - numeric).max() <= 1e-12 * abs(numeric).max()


@without_sums
@given(seed=SEEDS, m=ROWS, n=WIDTHS, power=st.floats(0.9, 4))
def test_dx_equals_the_complex_step_to_1e_15_of_upstream_for_large_inputs(
    name: str, seed: int, m: int, n: int, power: float
) -> None:
    rng = np.random.default_rng(seed)
    case = make_case(name, rng, m, n, np.float64)
    x = 10**power * rng.choice([-1, 1], (m, case.size_in)) * rng.uniform(1, 2, (m, case.size_in))
    dy = rng.standard_normal(case.out_shape)
    numeric = complex_step(lambda v: weighted(case.forward(v), dy), x)
    analytic = case.backward(dy, x, case.forward(x))
    assert abs(analytic - numeric).max() <= 1e-15 * abs(dy).max()
    smallest_seen = np.finfo(np.float64).tiny / H  # below it, the complex step itself underflows
    assert (abs(analytic[numeric == 0]) <= smallest_seen).all()


@layers
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@given(seed=SEEDS, m=ROWS, n=WIDTHS)
def test_with_out_the_result_is_the_same_and_inputs_are_not_changed(
    name: str, dtype: Any, seed: int, m: int, n: int
) -> None:
    rng = np.random.default_rng(seed)
    case = make_case(name, rng, m, n, dtype)
    x = rng.standard_normal((m, case.size_in)).astype(dtype)
    dy = rng.standard_normal(case.out_shape).astype(dtype)
    x.flags.writeable = dy.flags.writeable = False
    y, y_out = case.forward(x), np.full(case.out_shape, np.nan, dtype)
    assert y.dtype == dtype
    assert case.forward(x, out=y_out) is y_out
    np.testing.assert_array_equal(y_out, y)
    dx, dx_out = case.backward(dy, x, y), np.full(x.shape, np.nan, dtype)
    assert dx.dtype == dtype
    assert case.backward(dy, x, y, out=dx_out) is dx_out
    np.testing.assert_array_equal(dx_out, dx)


@without_sums
@given(seed=SEEDS, m=ROWS, n=WIDTHS)
def test_float32_agrees_with_float64_to_2e_6_if_both_take_the_same_branches(
    name: str, seed: int, m: int, n: int
) -> None:
    rng = np.random.default_rng(seed)
    state = rng.bit_generator.state
    case32 = make_case(name, rng, m, n, np.float32)
    rng.bit_generator.state = state
    case64 = make_case(name, rng, m, n, np.float64)
    x = rng.uniform(-8, 8, (m, case32.size_in)).astype(np.float32)
    dy = rng.standard_normal(case32.out_shape).astype(np.float32)
    y32, y64 = case32.forward(x), case64.forward(x.astype(np.float64))
    if name == "relu":
        np.testing.assert_array_equal(y32 > 0, y64 > 0)
    dx32 = case32.backward(dy, x, y32)
    dx64 = case64.backward(dy.astype(np.float64), x.astype(np.float64), y64)
    if name == "maxout":
        np.testing.assert_array_equal(dx32 != 0, dx64 != 0)
    assert abs(y32 - y64).max() <= 2e-6 * abs(y64).max()
    assert abs(dx32 - dx64).max() <= 2e-6 * abs(dx64).max()
