"""A layer class is frozen, has the right shapes, and calls the pure functions of its file."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from minigan.layers import (
    Dropout,
    Layer,
    Linear,
    Maxout,
    ReLU,
    Sigmoid,
    dropout,
    linear,
    maxout,
    relu,
    sigmoid,
)
from minigan.trace import LayerTrace

X = np.array([[0.5, -1.0, 2.0, 0.25]])
MASK = np.array([[True, False, True, True]])
W, B = np.arange(8.0).reshape(4, 2), np.array([1.0, -1.0])


def trace_of(layer: Layer, mask: np.ndarray | None = None) -> LayerTrace:
    width = layer.width(4)
    return LayerTrace(X, np.full((1, width), np.nan), np.full((1, 4), np.nan), mask)


@pytest.mark.parametrize(
    ("layer", "mask", "y", "dx"),
    [
        (Linear(2, 0.1), None, linear.forward(X, W, B), linear.backward_input(np.ones((1, 2)), W)),
        (ReLU(), None, relu.forward(X), relu.backward_input(np.ones((1, 4)), relu.forward(X))),
        (Sigmoid(), None, sigmoid.forward(X), sigmoid.backward_input(np.ones((1, 4)), X)),
        (
            Maxout(2, 2),
            None,
            maxout.forward(X, 2),
            maxout.backward_input(np.ones((1, 2)), X, maxout.forward(X, 2), 2),
        ),
        (
            Dropout(0.8),
            MASK,
            dropout.forward(X, MASK, 0.8),
            dropout.backward_input(np.ones((1, 4)), MASK, 0.8),
        ),
    ],
)
def test_a_layer_writes_the_results_of_its_functions_to_the_trace(
    layer: Layer, mask: np.ndarray | None, y: np.ndarray, dx: np.ndarray
) -> None:
    trace, theta = trace_of(layer, mask), {"W": W, "b": B}
    assert layer.forward(theta, trace) is trace.y
    np.testing.assert_array_equal(trace.y, y)
    assert layer.backward_input(theta, trace, np.ones_like(y)) is trace.dx
    np.testing.assert_array_equal(trace.dx, dx)


def test_of_these_layers_only_a_linear_layer_has_parameters() -> None:
    assert Linear(3, 0.1).shapes(4) == {"W": (4, 3), "b": (3,)}
    assert Linear(3, 0.1).width(4) == 3
    dtheta = {"W": np.full((4, 2), np.nan), "b": np.full(2, np.nan)}
    Linear(2, 0.1).backward_params(dtheta, trace_of(Linear(2, 0.1)), np.array([[1.0, 10.0]]))
    np.testing.assert_array_equal(dtheta["W"], X.T * [1.0, 10.0])
    np.testing.assert_array_equal(dtheta["b"], [1.0, 10.0])
    for layer in (ReLU(), Sigmoid(), Maxout(2, 2), Dropout(0.5)):
        assert layer.shapes(4) == {}
        with pytest.raises(NotImplementedError, match="has parameters but no backward_params"):
            layer.backward_params({}, trace_of(layer), np.ones((1, 4)))


def test_by_default_initial_parameters_are_zero() -> None:
    theta = {"W": np.full((4, 2), np.nan), "b": np.full(2, np.nan)}
    Layer.initial(ReLU(), theta, np.random.default_rng)
    np.testing.assert_array_equal(theta["W"], np.zeros((4, 2)))
    np.testing.assert_array_equal(theta["b"], np.zeros(2))


def test_dropout_without_a_mask_returns_its_input() -> None:
    trace, dy = trace_of(Dropout(0.5)), np.ones((1, 4))
    assert Dropout(0.5).forward({}, trace) is trace.x
    assert Dropout(0.5).backward_input({}, trace, dy) is dy


def test_a_maxout_of_the_wrong_width_is_refused() -> None:
    assert Maxout(2, 3).width(6) == 2
    with pytest.raises(ValueError, match="Maxout of 2 units with 3 pieces needs 6 inputs, not 5"):
        Maxout(2, 3).width(5)


@pytest.mark.parametrize("layer", [Linear(2, 0.1), Maxout(2, 2), Dropout(0.5), ReLU(), Sigmoid()])
def test_layers_are_frozen(layer: Layer) -> None:
    with pytest.raises(FrozenInstanceError):
        layer.units = 7


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Linear(0, 0.1), "at least one unit, not 0"),
        (lambda: Maxout(0, 2), "not 0 and 2"),
        (lambda: Maxout(2, 0), "not 2 and 0"),
        (lambda: Dropout(0.0), r"probability in \(0, 1\], not 0.0"),
        (lambda: Dropout(1.5), r"probability in \(0, 1\], not 1.5"),
        (lambda: Dropout(float("nan")), r"probability in \(0, 1\], not nan"),
    ],
)
def test_sizes_and_probabilities_out_of_range_are_refused(make: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


def test_the_smallest_sizes_and_a_keep_of_1_are_accepted() -> None:
    assert Linear(1, 0.1).width(3) == Maxout(1, 1).width(1) == 1
    assert Dropout(1.0).keep == 1


EVERY_LAYER = [Linear(2, 0.1), ReLU(), Sigmoid(), Maxout(2, 2), Dropout(0.8)]


def at(layer: Layer, x: np.ndarray) -> tuple[dict[str, np.ndarray], LayerTrace]:
    """The parameters of a layer, and its pass at x (3, 4) with one mask."""
    rng, theta = np.random.default_rng(5), {"W": W, "b": B}
    mask = rng.random((3, 4)) < 0.8
    trace = LayerTrace(x, np.empty((3, layer.width(4)), x.dtype), np.empty_like(x), mask)
    layer.forward(theta, trace)
    return theta, trace


@pytest.mark.parametrize("layer", EVERY_LAYER)
def test_the_tangent_is_the_complex_step_of_forward(layer: Layer) -> None:
    x, q = np.random.default_rng(1).standard_normal((2, 3, 4))
    theta, trace = at(layer, x)
    moved = at(layer, x + 1e-30j * q)[1].y.imag / 1e-30
    np.testing.assert_allclose(layer.tangent(theta, trace, q), moved, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("layer", EVERY_LAYER)
def test_the_tangent_is_the_transpose_of_backward_input(layer: Layer) -> None:
    rng = np.random.default_rng(2)
    theta, trace = at(layer, rng.standard_normal((3, 4)))
    q, dy = rng.standard_normal((3, 4)), rng.standard_normal(trace.y.shape)
    along, dx = layer.tangent(theta, trace, q), layer.backward_input(theta, trace, dy)
    assert (along * dy).sum() == pytest.approx((q * dx).sum(), rel=1e-13)


@pytest.mark.parametrize("layer", EVERY_LAYER)
def test_the_curvature_is_the_complex_step_of_backward_input(layer: Layer) -> None:
    rng = np.random.default_rng(3)
    x, q = rng.standard_normal((2, 3, 4))
    theta, trace = at(layer, x)
    dy, moved = rng.standard_normal(trace.y.shape), at(layer, x + 1e-30j * q)[1]
    expected = layer.backward_input(theta, moved, dy.astype(complex)).imag / 1e-30
    curvature = layer.curvature(theta, trace, dy, q)
    if curvature is None:
        curvature = np.zeros_like(x)
    np.testing.assert_allclose(curvature, expected, rtol=1e-13, atol=1e-15)


def test_a_layer_without_tangent_or_curvature_says_its_name() -> None:
    trace = trace_of(ReLU())
    with pytest.raises(NotImplementedError, match=r"^ReLU has no tangent$"):
        Layer.tangent(ReLU(), {}, trace, X)
    with pytest.raises(NotImplementedError, match=r"^ReLU has no curvature$"):
        Layer.curvature(ReLU(), {}, trace, X, X)
    with pytest.raises(NotImplementedError, match=r"^ReLU has no backward_params_along$"):
        Layer.backward_params_along(ReLU(), {}, trace, X, X, slice(1), X, None)


def test_the_tangent_of_dropout_without_a_mask_is_the_direction() -> None:
    assert Dropout(0.5).tangent({}, trace_of(Dropout(0.5)), X) is X
