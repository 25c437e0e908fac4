"""The transposed convolution: stamps, the exact transposed map, both biases and all gradients."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_images import check_along, check_gradients, check_out, check_scratch, stamps, windows

from minigan.draws import generator
from minigan.layers import Deconvolution, Windows, convolution, deconvolution
from minigan.network import Network
from minigan.trace import LayerTrace

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 3)


def draw(
    seed: int, w: Windows, m: int, C: int, K: int, dtype: Any = float, *, tied: bool = False
) -> tuple[Any, ...]:
    rng, n = np.random.default_rng(seed), w.height * w.width * C
    shapes = [(m, w.positions * K), (w.size, w.size, C, K), (C if tied else n,), (m, n)]
    return tuple(rng.standard_normal(shape).astype(dtype) for shape in shapes)


def test_one_number_of_x_writes_a_stamp_at_its_position() -> None:
    w = Windows(8, 11, 5, 3)  # 2 x 3 positions
    x = np.zeros((1, 2, 3, 2))
    x[0, 1, 2, 1] = 1
    W = np.arange(1.0, 5 * 5 * 3 * 2 + 1).reshape(5, 5, 3, 2)
    y = deconvolution.forward(x.reshape(1, -1), W, np.zeros(8 * 11 * 3), w).reshape(8, 11, 3)
    np.testing.assert_array_equal(y[3:8, 6:11], W[:, :, :, 1])
    assert y.sum() == W[:, :, :, 1].sum()


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES, K=SIZES, tied=st.booleans())
def test_forward_is_the_sum_of_all_stamps_plus_the_bias(
    seed: int, w: Windows, m: int, C: int, K: int, tied: bool
) -> None:
    x, W, b, _ = draw(seed, w, m, C, K, tied=tied)
    y = (stamps(x, W, w).reshape(m, -1, len(b)) + b).reshape(m, -1)
    np.testing.assert_allclose(deconvolution.forward(x, W, b, w), y, rtol=1e-12, atol=1e-12)


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES, K=SIZES)
def test_it_is_the_transposed_map_of_the_convolution_exactly_in_integers(
    seed: int, w: Windows, m: int, C: int, K: int
) -> None:
    x, W, b, y = (np.round(4 * a) for a in draw(seed, w, m, C, K))
    correlated = convolution.forward(y, W, np.zeros(K), w)
    assert (correlated * x).sum() == (y * deconvolution.forward(x, W, 0 * b, w)).sum()


@given(seed=SEEDS, w=windows(largest=4), C=SIZES, K=SIZES, tied=st.booleans())
def test_all_gradients_equal_the_complex_step_to_1e_12(
    seed: int, w: Windows, C: int, K: int, tied: bool
) -> None:
    arrays = x, _, _, dy = draw(seed, w, 2, C, K, tied=tied)
    parameters = deconvolution.backward_params(dy, x, w, tied=tied)
    check_gradients(deconvolution, w, arrays, parameters)


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES, K=SIZES)
def test_the_tangent_is_the_transposed_map_of_backward_input_exactly_in_integers(
    seed: int, w: Windows, m: int, C: int, K: int
) -> None:
    q, W, b, dy = (np.round(4 * a) for a in draw(seed, w, m, C, K))
    along = deconvolution.tangent(q, W, w)
    assert (along * dy).sum() == (q * deconvolution.backward_input(dy, W, w)).sum()
    layer, trace = Deconvolution(w, C, 0.1), LayerTrace(q, np.empty_like(dy), np.empty_like(q))
    np.testing.assert_array_equal(layer.tangent({"W": W, "b": b}, trace, q), along)
    assert layer.curvature({"W": W, "b": b}, trace, dy, q) is None


@given(seed=SEEDS, w=windows(), C=SIZES, K=SIZES, tied=st.booleans())
def test_the_gradient_along_a_direction_is_that_of_its_sum_exactly_in_integers(
    seed: int, w: Windows, C: int, K: int, tied: bool
) -> None:
    layer = Deconvolution(w, C, 0.1, tied)
    forward = partial(deconvolution.forward, windows=w)
    check_along(layer, draw(seed, w, 4, C, K, tied=tied), forward)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@pytest.mark.parametrize("tied", [False, True])
@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES, K=SIZES)
def test_out_receives_the_same_numbers_in_the_dtype_of_the_inputs(
    dtype: Any, tied: bool, seed: int, w: Windows, m: int, C: int, K: int
) -> None:
    arrays = draw(seed, w, m, C, K, dtype, tied=tied)
    backward_params = partial(deconvolution.backward_params, tied=tied)
    check_out(deconvolution, w, arrays, backward_params)


@pytest.mark.parametrize(("tied", "of_b"), [(False, 32 * 32 * 3), (True, 3)])
def test_a_deconvolution_in_a_network_has_its_shapes_and_initial_numbers(
    tied: bool, of_b: int
) -> None:
    layer = Deconvolution(Windows(32, 32, 5, 3), 3, 0.25, tied)
    assert layer.width(10 * 10 * 8) == 32 * 32 * 3
    assert layer.shapes(10 * 10 * 8) == {"W": (5, 5, 3, 8), "b": (of_b,)}
    network = Network(800, (layer,))
    theta = network.initial(1, "theta")
    u = generator(1, "theta/deconvolution1.W", 0).random((5, 5, 3, 8), dtype=np.float32)
    np.testing.assert_array_equal(theta["deconvolution1.W"], (2 * u - 1) * np.float32(0.25))
    assert not theta["deconvolution1.b"].any()
    trace = network.forward(theta, np.ones((2, 800), np.float32))
    dtheta, _ = network.backward(trace, np.ones((2, 32 * 32 * 3), np.float32))
    np.testing.assert_array_equal(dtheta["deconvolution1.b"], 2 * 32 * 32 * 3 / of_b)


def test_the_bias_is_one_number_for_each_number_of_y_unless_it_is_tied() -> None:
    w = Windows(5, 7, 3, 2)
    assert Deconvolution(w, 2, 0.1).shapes(6)["b"] == (70,)
    with pytest.raises(FrozenInstanceError):
        Deconvolution(w, 2, 0.1).tied = True  # type: ignore[misc]
    x, W, b, dy = draw(0, w, 2, 2, 1)
    assert deconvolution.backward_params(dy, x, w)[1].shape == (70,)
    trace = LayerTrace(x, np.empty_like(dy), np.empty_like(x))
    layer = Deconvolution(w, 2, 0.1)
    assert layer.forward({"W": W, "b": b}, trace) is trace.y
    np.testing.assert_allclose(trace.y, stamps(x, W, w) + b, rtol=1e-12, atol=1e-12)
    assert layer.backward_input({"W": W}, trace, dy) is trace.dx
    np.testing.assert_array_equal(trace.dx, deconvolution.backward_input(dy, W, w))
    dtheta = {"W": np.full_like(W, np.nan), "b": np.full_like(b, np.nan)}
    layer.backward_params(dtheta, trace, dy)
    for name, expected in zip("Wb", deconvolution.backward_params(dy, x, w), strict=True):
        np.testing.assert_array_equal(dtheta[name], expected)
    # `out` keeps its dtype if b has another one
    x, W, out = x.astype(np.float32), W.astype(np.float32), np.empty(dy.shape, np.float32)
    assert deconvolution.forward(x, W, b, w, out=out) is out
    np.testing.assert_allclose(out, deconvolution.forward(x, W, b, w), rtol=1e-5, atol=1e-6)


def test_inputs_and_channels_that_do_not_fit_are_refused() -> None:
    layer = Deconvolution(Windows(5, 7, 3, 2), 2, 0.1)
    for n in (0, 7):
        with pytest.raises(
            ValueError, match=f"2 x 3 positions needs a multiple of 6 inputs, not {n}"
        ):
            layer.width(n)
    with pytest.raises(ValueError, match="at least one channel, not 0"):
        Deconvolution(Windows(5, 7, 3, 2), 0, 0.1)
    assert Deconvolution(Windows(5, 7, 3, 2), 1, 0.1).width(6) == 35


def test_every_pass_takes_its_scratch_memory_from_the_layer() -> None:
    check_scratch(Deconvolution, 1, 8)
