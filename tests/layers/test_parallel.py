"""Parallel branches: columns that overlap or are not read, masks, gradients and second order."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
from slow import H, complex_step, weighted

from minigan.draws import generator
from minigan.layers import (
    Branch,
    Dropout,
    Identity,
    Layer,
    Linear,
    Maxout,
    Parallel,
    ReLU,
    Sigmoid,
)
from minigan.network import Network
from minigan.objectives import second_order
from minigan.objectives.penalties import norm_minus_1
from minigan.parameters import Parameters
from minigan.trace import LayerTrace

# Columns 2 and 3 are read twice, column 7 never; the third branch has no layer.
MIXED = Parallel(
    (
        *(Branch(0, 4, Linear(3, 1.0)), Branch(2, 6, Maxout(2, 2)), Branch(1, 3)),
        *(Branch(6, 7, Linear(2, 1.0)), Branch(4, 7, Dropout(0.5)), Branch(3, 5, Sigmoid())),
    )
)
N = 8


def arrange(
    layer: Parallel, n: int = N, m: int = 3, seed: int = 0
) -> tuple[Network, Any, Any, list[Any], Any]:
    rng = np.random.default_rng(seed)
    network = Network(n, (layer,))
    theta = Parameters(network.shapes, rng.standard_normal(network.zeros().vector.size))
    masks = [rng.random((m, width)) < 0.5 for width, _ in network.mask_sizes]
    x, dy = rng.standard_normal((m, n)), rng.standard_normal((m, network.outputs))
    return network, theta, x, masks, dy


def slow(theta: Any, x: Any, mask: Any) -> Any:
    """y of MIXED, number by number."""
    rows = []
    for i in range(len(x)):
        W, b, V, c = (theta[f"parallel1.{name}"] for name in ("W_1", "b_1", "W_4", "b_4"))
        row = [sum(x[i, j] * W[j, u] for j in range(4)) + b[u] for u in range(3)]
        for first, second in ((2, 4), (3, 5)):  # piece p of unit j is column 2 + 2 p + j
            row.append(x[i, first] if x[i, first].real >= x[i, second].real else x[i, second])
        row += [x[i, 1], x[i, 2]]
        row += [x[i, 6] * V[0, u] + c[u] for u in range(2)]
        row += [x[i, j] * 2 if mask[i, j] else 0 * x[i, j] for j in range(4, 7)]
        row += [1 / (1 + np.exp(-x[i, j])) for j in (3, 4)]
        rows.append(row)
    return np.array(rows)


def test_forward_equals_a_slow_loop_and_backward_its_complex_step() -> None:
    network, theta, x, (mask,), dy = arrange(MIXED)
    trace = network.forward(theta, x, [mask])
    np.testing.assert_allclose(trace.y, slow(theta, x, mask), rtol=1e-13)
    dtheta, dx = network.backward(trace, dy)
    np.testing.assert_allclose(
        dx, complex_step(lambda v: weighted(slow(theta, v, mask), dy), x), rtol=1e-12, atol=1e-14
    )
    assert (dx[:, 7] == 0).all()
    vector = complex_step(
        lambda v: weighted(slow(Parameters(network.shapes, v), x, mask), dy), theta.vector
    )
    np.testing.assert_allclose(dtheta.vector, vector, rtol=1e-12, atol=1e-14)
    assert trace.y is trace.layers[0].y
    assert dx is trace.layers[0].dx


def test_a_second_backward_pass_gives_the_same_gradient() -> None:
    network, theta, x, masks, dy = arrange(MIXED)
    trace = network.forward(theta, x, masks)
    once = network.backward(trace, dy)[1].copy()
    np.testing.assert_array_equal(network.backward(trace, dy)[1], once)


def test_the_tangent_is_the_transposed_map_of_backward_input() -> None:
    network, theta, x, masks, dy = arrange(MIXED)
    q = np.random.default_rng(1).standard_normal(x.shape)
    trace = network.forward(theta, x, masks)
    along = network.tangent(trace, q)[-1]
    assert (along * dy).sum() == pytest.approx((q * network.backward(trace, dy)[1]).sum())


def test_the_curvature_is_that_of_the_sigmoid_in_its_columns() -> None:
    network, theta, x, masks, dy = arrange(MIXED)
    q = np.random.default_rng(1).standard_normal(x.shape)
    trace = network.forward(theta, x, masks)
    curved = MIXED.curvature(theta.of("parallel1"), trace.layers[0], dy, q)
    s = 1 / (1 + np.exp(-x[:, 3:5]))
    expected = np.zeros_like(x)
    expected[:, 3:5] = dy[:, -2:] * s * (1 - s) * (1 - 2 * s) * q[:, 3:5]
    assert curved is not None
    np.testing.assert_allclose(curved, expected, rtol=1e-13)
    flat = Parallel((Branch(0, 2, ReLU()), Branch(2, 4)))
    network, theta, x, masks, dy = arrange(flat, n=4)
    trace = network.forward(theta, x)
    assert flat.curvature({}, trace.layers[0], dy, x) is None


def test_two_curvatures_of_one_column_are_added() -> None:
    twice = Parallel((Branch(0, 1, Sigmoid()), Branch(0, 1, Sigmoid())))
    network, theta, x, _, dy = arrange(twice, n=1)
    trace = network.forward(theta, x)
    one = Network(1, (Sigmoid(),))
    of_one = one.forward(one.zeros(np.float64), x)
    expected = sum(Sigmoid().curvature({}, of_one.layers[0], dy[:, j : j + 1], x) for j in range(2))
    curved = twice.curvature({}, trace.layers[0], dy, x)
    np.testing.assert_allclose(curved, expected, rtol=1e-13)


def test_the_gradient_of_a_penalty_through_branches_equals_the_complex_step() -> None:
    branches = Branch(0, 3, Linear(4, 1.0)), Branch(2, 5, Linear(3, 1.0)), Branch(4, 5)
    layers = Parallel(branches), Parallel((Branch(0, 4, Maxout(2, 2)), Branch(4, 8, Sigmoid())))
    D = Network(5, (*layers, Parallel((Branch(0, 6, Linear(2, 1.0)),)), Sigmoid(), Linear(1, 1.0)))
    rng = np.random.default_rng(0)
    theta, x = rng.standard_normal(D.zeros().vector.size), rng.standard_normal((3, 5))
    d, rows = rng.standard_normal((3, 1)), slice(1, 3)
    penalty = partial(norm_minus_1, lambda_=3.0)
    out = D.zeros(np.float64)
    trace = D.forward(Parameters(D.shapes, theta), x)
    second_order.backward_minus_penalty(D, trace, d, rows, penalty, out=out)

    def J(vector: Any) -> Any:
        trace = D.forward(Parameters(D.shapes, vector), x.astype(vector.dtype))
        first_order = (d * trace.y).sum()
        _, g = D.backward(trace, np.ones_like(trace.y))
        return first_order - 3.0 * ((np.sqrt((g[rows] ** 2).sum(axis=1)) - 1) ** 2).mean()

    numeric = complex_step(J, theta)
    assert abs(out.vector - numeric).max() <= 1e-12 * abs(numeric).max()


def test_the_gradient_of_a_penalty_through_linear_pieces_equals_the_complex_step() -> None:
    """No layer has a curvature, so the gradients of D do not change along the penalty's r."""
    branches = Parallel((Branch(0, 3, Linear(4, 1.0)), Branch(2, 4, Linear(2, 1.0)), Branch(3, 4)))
    D = Network(4, (branches, Maxout(1, 7), Linear(1, 1.0)))
    rng = np.random.default_rng(0)
    theta, x = rng.standard_normal(D.zeros().vector.size), rng.standard_normal((3, 4))
    d, out = rng.standard_normal((3, 1)), D.zeros(np.float64)
    trace, penalty = D.forward(Parameters(D.shapes, theta), x), partial(norm_minus_1, lambda_=3.0)
    second_order.backward_minus_penalty(D, trace, d, slice(0, 3), penalty, out=out)

    def J(vector: Any) -> Any:
        trace = D.forward(Parameters(D.shapes, vector), x.astype(vector.dtype))
        _, g = D.backward(trace, np.ones_like(trace.y))
        return (d * trace.y).sum() - 3.0 * ((np.sqrt((g**2).sum(axis=1)) - 1) ** 2).mean()

    numeric = complex_step(J, theta)
    assert abs(out.vector - numeric).max() <= 1e-12 * abs(numeric).max()


@dataclass(frozen=True)
class Watched(Layer):
    """y = x x_1; its curvature is not symmetric in dy and q."""

    def forward(self, theta: Any, trace: LayerTrace) -> Any:
        assert trace.y.flags.c_contiguous  # as CuPy needs it
        return np.multiply(trace.x, trace.x[:, :1], out=trace.y)

    def backward_input(self, theta: Any, trace: LayerTrace, dy: Any) -> Any:
        assert trace.dx.flags.c_contiguous
        dx = np.multiply(dy, trace.x[:, :1], out=trace.dx)
        dx[:, 0] += (dy * trace.x).sum(axis=1)
        return dx

    def curvature(self, theta: Any, trace: LayerTrace, dy: Any, q: Any) -> Any:
        curved = dy * q[:, :1]
        curved[:, 0] += (dy * q).sum(axis=1)
        return curved

    def tangent(self, theta: Any, trace: LayerTrace, q: Any) -> Any:
        return q * trace.x[:, :1] + trace.x * q[:, :1]


def test_a_layer_gets_contiguous_buffers_and_its_own_columns_in_their_dtype() -> None:
    layer = Parallel((Branch(0, 1, ReLU()), Branch(1, 4, Watched())))
    network, theta, x, _, dy = arrange(layer, n=4)
    q = np.random.default_rng(1).standard_normal(x.shape)
    theta32, x32 = network.zeros(), x.astype(np.float32)
    trace, single = network.forward(theta, x), network.forward(theta32, x32)
    curved = layer.curvature({}, trace.layers[0], dy, q)
    moved = network.forward(network.zeros(np.complex128), x + 1j * H * q)
    step = np.imag(network.backward(moved, dy)[1]) / H
    assert curved is not None
    np.testing.assert_allclose(curved, step, rtol=1e-12, atol=1e-14)
    dy32, q32 = dy.astype(np.float32), q.astype(np.float32)
    of_32 = layer.curvature({}, single.layers[0], dy32, q32)
    assert of_32 is not None
    assert of_32.dtype == network.tangent(single, q32)[-1].dtype == np.float32


def test_branches_cannot_be_changed() -> None:
    branch = Branch(0, 1)
    for one, name in ((branch, "start"), (Parallel((branch,)), "branches"), (Identity(), "x")):
        with pytest.raises(FrozenInstanceError):
            setattr(one, name, 1)


def test_two_branches_of_linear_layers_are_one_linear_layer_with_a_block_diagonal_W() -> None:
    layer = Parallel((Branch(0, 3, Linear(4, 1.0)), Branch(3, 5, Linear(2, 1.0))))
    network, theta, x, _, dy = arrange(layer, n=5)
    W, b = np.zeros((5, 6)), np.concatenate([theta["parallel1.b_1"], theta["parallel1.b_2"]])
    W[:3, :4], W[3:, 4:] = theta["parallel1.W_1"], theta["parallel1.W_2"]
    trace = network.forward(theta, x)
    np.testing.assert_allclose(trace.y, x @ W + b, rtol=1e-13)
    dtheta, dx = network.backward(trace, dy)
    np.testing.assert_allclose(dx, dy @ W.T, rtol=1e-13)
    np.testing.assert_allclose(dtheta["parallel1.W_1"], (x.T @ dy)[:3, :4], rtol=1e-13)
    np.testing.assert_allclose(dtheta["parallel1.W_2"], (x.T @ dy)[3:, 4:], rtol=1e-13)


def test_initial_parameters_are_drawn_by_each_layer_with_the_name_of_its_branch() -> None:
    layer = Parallel((Branch(0, 2, Linear(3, 0.5)), Branch(2, 3), Branch(1, 3, Linear(2, 0.1))))
    theta = Network(3, (layer,)).initial(4, "theta_g")
    assert list(theta) == [f"parallel1.{name}" for name in ("W_1", "b_1", "W_3", "b_3")]
    for name, shape, spread in (("W_1", (2, 3), 0.5), ("W_3", (2, 2), 0.1)):
        u = generator(4, f"theta_g/parallel1.{name}", 0).random(shape, dtype=np.float32)
        expected = (2 * u - 1) * np.float32(spread)
        np.testing.assert_array_equal(theta[f"parallel1.{name}"], expected)


def test_without_masks_dropout_returns_its_columns() -> None:
    layer = Parallel((Branch(0, 2, Dropout(0.5)), Branch(1, 3)))
    network, theta, x, _, dy = arrange(layer, n=3)
    assert network.mask_sizes == [(3, 0.5)]
    trace = network.forward(theta, x)
    np.testing.assert_array_equal(trace.y, x[:, [0, 1, 1, 2]])
    expected = np.stack([dy[:, 0], dy[:, 1] + dy[:, 2], dy[:, 3]], axis=1)
    np.testing.assert_array_equal(network.backward(trace, dy)[1], expected)


def test_branches_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="columns start < stop, from 0 on, not 3 and 3"):
        Branch(3, 3)
    with pytest.raises(ValueError, match="not -1 and 3"):
        Branch(-1, 3)
    with pytest.raises(ValueError, match="at least one branch"):
        Parallel(())
    with pytest.raises(ValueError, match="the branches read 4 columns, but the input has 3"):
        Network(3, (Parallel((Branch(0, 4), Branch(0, 1))),))
    with pytest.raises(ValueError, match=r"the branches keep 0.5 and 0.8 of their inputs"):
        Parallel((Branch(0, 1, Dropout(0.8)), Branch(1, 2, Dropout(0.5))))
    with pytest.raises(ValueError, match="Maxout of 2 units with 3 pieces needs 6 inputs, not 2"):
        Network(2, (Parallel((Branch(0, 2, Maxout(2, 3)),)),))
    assert Parallel((Branch(0, 1, Dropout(0.5)), Branch(1, 2, Dropout(0.5)))).mask_keep == 0.5
    assert Parallel((Branch(0, 4),)).width(4) == 4
