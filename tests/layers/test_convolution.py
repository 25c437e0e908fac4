"""A convolution and its gradients, compared with loops, hand-worked numbers and complex steps."""

from __future__ import annotations

import tracemalloc
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_images import check_along, check_gradients, check_out, check_scratch, correlation, windows

from minigan.draws import generator
from minigan.layers import Convolution, Windows, convolution, patches
from minigan.network import Network
from minigan.trace import LayerTrace

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 3)


def draw(seed: int, w: Windows, m: int, C: int, units: int, dtype: Any = float) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    shapes = [(m, w.height * w.width * C), (w.size, w.size, C, units), (units,)]
    shapes.append((m, w.positions * units))
    return tuple(rng.standard_normal(shape).astype(dtype) for shape in shapes)


def test_a_hand_worked_example_shows_that_the_kernel_is_not_flipped() -> None:
    w = Windows(2, 3, 2)
    x = np.array([[1.0, 2, 3, 4, 5, 6]])  # 1 2 3 / 4 5 6
    W = np.array([[1.0, 10], [100, 1000]]).reshape(2, 2, 1, 1)
    dy = np.array([[1.0, 2]])
    np.testing.assert_array_equal(convolution.forward(x, W, np.array([0.5]), w), [[5421.5, 6532.5]])
    # 1 10 / 100 1000 at column 0, plus 2 20 / 200 2000 at column 1
    dx = [[1, 12, 20, 100, 1200, 2000]]
    np.testing.assert_array_equal(convolution.backward_input(dy, W, w), dx)
    dW, db = convolution.backward_params(dy, x, w)
    np.testing.assert_array_equal(dW[..., 0, 0], [[1 + 4, 2 + 6], [4 + 10, 5 + 12]])
    np.testing.assert_array_equal(db, [3])


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES, units=SIZES)
def test_forward_is_the_sum_over_every_place_of_a_window(
    seed: int, w: Windows, m: int, C: int, units: int
) -> None:
    x, W, b, _ = draw(seed, w, m, C, units)
    y = (correlation(x, W, w).reshape(m, -1, units) + b).reshape(m, -1)
    np.testing.assert_allclose(convolution.forward(x, W, b, w), y, rtol=1e-12, atol=1e-12)


@given(seed=SEEDS, w=windows(largest=4), C=SIZES, units=SIZES)
def test_all_gradients_equal_the_complex_step_to_1e_12(
    seed: int, w: Windows, C: int, units: int
) -> None:
    arrays = x, _, _, dy = draw(seed, w, 2, C, units)
    check_gradients(convolution, w, arrays, convolution.backward_params(dy, x, w))


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES, units=SIZES)
def test_the_tangent_is_the_transposed_map_of_backward_input_exactly_in_integers(
    seed: int, w: Windows, m: int, C: int, units: int
) -> None:
    q, W, b, dy = (np.round(4 * a) for a in draw(seed, w, m, C, units))
    along = convolution.tangent(q, W, w)
    assert (along * dy).sum() == (q * convolution.backward_input(dy, W, w)).sum()
    layer, trace = Convolution(w, units, 0.1), LayerTrace(q, np.empty_like(dy), np.empty_like(q))
    np.testing.assert_array_equal(layer.tangent({"W": W, "b": b}, trace, q), along)
    assert layer.curvature({"W": W, "b": b}, trace, dy, q) is None


@given(seed=SEEDS, w=windows(), C=SIZES, units=SIZES)
def test_the_gradient_along_a_direction_is_that_of_its_sum_exactly_in_integers(
    seed: int, w: Windows, C: int, units: int
) -> None:
    layer = Convolution(w, units, 0.1)
    forward = partial(convolution.forward, windows=w)
    check_along(layer, draw(seed, w, 4, C, units), forward)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES, units=SIZES)
def test_out_receives_the_same_numbers_in_the_dtype_of_the_inputs(
    dtype: Any, seed: int, w: Windows, m: int, C: int, units: int
) -> None:
    arrays = draw(seed, w, m, C, units, dtype)
    check_out(convolution, w, arrays, convolution.backward_params)


def test_chunks_change_no_number_and_the_scratch_memory_does_not_grow_with_the_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    w, C, units = Windows(12, 12, 5, pad=2), 2, 3
    x, W, b, dy = (
        np.round(4 * a) for a in draw(0, w, 41, C, units)
    )  # integers: exact sums; 41 is prime
    whole = (
        *(convolution.forward(x, W, b, w), convolution.backward_input(dy, W, w)),
        *convolution.backward_params(dy, x, w),
    )
    monkeypatch.setattr(patches, "SCRATCH", 400_000)  # some images of 12 * 12 * 5 * 5 * 2 numbers
    out = tuple(np.empty_like(a) for a in whole)
    for number, call in enumerate(
        (
            lambda: convolution.forward(x, W, b, w, out=out[0]),
            lambda: convolution.backward_input(dy, W, w, out=out[1]),
            lambda: convolution.backward_params(dy, x, w, out=out[2:]),
        )
    ):
        patches.kept.clear()
        tracemalloc.start()
        try:
            call()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert 200_000 < peak < 450_000, number
    for found, expected in zip(out, whole, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_scratch_memory_is_the_6_MB_that_the_docs_state() -> None:
    assert patches.SCRATCH == 6_000_000


def test_a_convolution_in_a_network_has_its_shapes_and_initial_numbers() -> None:
    layer = Convolution(Windows(4, 5, 3, 1, 1), 6, 0.25)
    assert layer.width(4 * 5 * 2) == 4 * 5 * 6
    assert layer.shapes(4 * 5 * 2) == {"W": (3, 3, 2, 6), "b": (6,)}
    theta = Network(40, (layer,)).initial(1, "theta")
    u = generator(1, "theta/convolution1.W", 0).random((3, 3, 2, 6), dtype=np.float32)
    np.testing.assert_array_equal(theta["convolution1.W"], (2 * u - 1) * np.float32(0.25))
    assert not theta["convolution1.b"].any()


def test_images_and_units_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="images of 4 x 5 pixels have a multiple of 20 numbers, n"):
        Convolution(Windows(4, 5, 3), 6, 0.1).width(30)
    with pytest.raises(ValueError, match="at least one unit, not 0"):
        Convolution(Windows(4, 5, 3), 0, 0.1)
    assert Convolution(Windows(4, 5, 3), 1, 0.1).width(20) == 6


def test_every_pass_gives_its_scratch_memory_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches, "kept", [])
    w = Windows(4, 5, 3)
    x, W, b, dy = draw(8, w, 2, 3, 2)
    for finish in (
        lambda: convolution.forward(x, W, b, w),
        lambda: convolution.backward_input(dy, W, w),
        lambda: convolution.backward_params(dy, x, w),
    ):
        patches.kept.clear()
        finish()
        assert len(patches.kept) == 1


def test_the_tangent_of_float32_arrays_is_float32_also_in_out() -> None:
    w = Windows(4, 5, 3)
    q, W, _, dy = draw(9, w, 2, 3, 2, np.float32)
    along = convolution.tangent(q, W, w)
    assert along.dtype == np.float32
    assert convolution.tangent(q, W, w, out=dy) is dy
    np.testing.assert_array_equal(dy, along)


def test_every_pass_takes_its_scratch_memory_from_the_layer() -> None:
    check_scratch(Convolution, 2, 16)


def test_the_layer_writes_the_results_of_the_functions_to_the_trace() -> None:
    w = Windows(4, 5, 3)
    layer, (x, W, b, dy) = Convolution(w, 2, 0.1), draw(10, w, 2, 3, 2)
    net, theta = Network(60, (layer,)), {"W": W, "b": b}
    part = net.forward(net.zeros(np.float64), x).layers[0]
    assert layer.forward(theta, part) is part.y
    np.testing.assert_array_equal(part.y, convolution.forward(x, W, b, w))
    assert layer.backward_input(theta, part, dy) is part.dx
    np.testing.assert_array_equal(part.dx, convolution.backward_input(dy, W, w))
    dtheta = {"W": np.full_like(W, np.nan), "b": np.full_like(b, np.nan)}
    layer.backward_params(dtheta, part, dy)
    dW, db = convolution.backward_params(dy, x, w)
    np.testing.assert_array_equal(dtheta["W"], dW)
    np.testing.assert_array_equal(dtheta["b"], db)
    q = draw(11, w, 2, 3, 2)[0]
    np.testing.assert_array_equal(layer.tangent(theta, part, q), convolution.tangent(q, W, w))
