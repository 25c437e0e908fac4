"""Networks: values and gradients, independent passes, skipped work, and errors."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow import complex_step, weighted

from minigan import draws
from minigan.layers import (
    Dropout,
    Layer,
    Linear,
    Maxout,
    ReLU,
    Sigmoid,
    linear,
    maxout,
    relu,
    sigmoid,
)
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.trace import StaleTraceError

LAYERS = (
    Dropout(0.8),
    Linear(6, 0.5),
    Maxout(3, 2),
    Dropout(0.5),
    Linear(4, 0.5),
    ReLU(),
    Linear(2, 0.5),
    Sigmoid(),
)
NET = Network(5, LAYERS)
SEEDS = st.integers(0, 2**32 - 1)


def arrange(seed: int, m: int = 3, dtype: Any = np.float64) -> tuple[Parameters, Any, Any, Any]:
    rng = np.random.default_rng(seed)
    theta = Parameters(NET.shapes, rng.standard_normal(sum(theta_sizes())).astype(dtype))
    x, dy = rng.standard_normal((m, 5)).astype(dtype), rng.standard_normal((m, 2)).astype(dtype)
    return theta, x, [rng.random((m, 5)) < 0.8, rng.random((m, 3)) < 0.5], dy


def theta_sizes() -> list[int]:
    return [5 * 6, 6, 3 * 4, 4, 4 * 2, 2]


def slow_forward(theta: Parameters, x: Any, masks: Any) -> Any:
    """The output of NET, computed one number at a time."""
    rows = []
    for i in range(len(x)):
        h = [x[i, k] * (1.25 if masks[0][i, k] else 0) for k in range(5)]
        W, b = theta["linear1.W"], theta["linear1.b"]
        a = [sum(h[k] * W[k, j] for k in range(5)) + b[j] for j in range(6)]
        h = [max(a[j], a[3 + j]) * (2 if masks[1][i, j] else 0) for j in range(3)]
        W, b = theta["linear2.W"], theta["linear2.b"]
        h = [max(0, sum(h[k] * W[k, j] for k in range(3)) + b[j]) for j in range(4)]
        W, b = theta["linear3.W"], theta["linear3.b"]
        a = [sum(h[k] * W[k, j] for k in range(4)) + b[j] for j in range(2)]
        rows.append([1 / (1 + np.exp(-v)) for v in a])
    return np.array(rows)


def test_names_shapes_widths_and_masks_follow_the_layers() -> None:
    assert NET.widths == [5, 5, 6, 3, 3, 4, 4, 2, 2]
    assert NET.outputs == 2
    assert NET.shapes == {
        "linear1.W": (5, 6),
        "linear1.b": (6,),
        "linear2.W": (3, 4),
        "linear2.b": (4,),
        "linear3.W": (4, 2),
        "linear3.b": (2,),
    }
    assert NET.mask_sizes == [(5, 0.8), (3, 0.5)]
    assert NET.names[:4] == ["dropout1", "linear1", "maxout1", "dropout2"]


@given(seed=SEEDS)
def test_forward_is_the_chain_of_the_layers(seed: int) -> None:
    theta, x, masks, _ = arrange(seed)
    y = NET.forward(theta, x, masks).y
    np.testing.assert_allclose(y, slow_forward(theta, x, masks), rtol=1e-12, atol=1e-15)


@given(seed=SEEDS)
def test_without_masks_dropout_does_nothing(seed: int) -> None:
    theta, x, _, dy = arrange(seed)
    plain = Network(5, tuple(layer for layer in LAYERS if not isinstance(layer, Dropout)))
    a, b = NET.forward(theta, x), plain.forward(theta, x)
    np.testing.assert_array_equal(a.y, b.y)
    for one, other in zip(NET.backward(a, dy), plain.backward(b, dy), strict=True):
        one, other = (getattr(v, "vector", v) for v in (one, other))
        np.testing.assert_array_equal(one, other)


@given(seed=SEEDS)
def test_dtheta_and_dx_equal_the_complex_step_to_1e_12_per_tensor(seed: int) -> None:
    theta, x, masks, dy = arrange(seed)
    dtheta, dx = NET.backward(NET.forward(theta, x, masks), dy)

    def loss_of_theta(vector: Any) -> Any:
        return weighted(NET.forward(Parameters(NET.shapes, vector), x + 0j, masks).y, dy)

    def loss_of_x(v: Any) -> Any:
        return weighted(NET.forward(Parameters(NET.shapes, theta.vector + 0j), v, masks).y, dy)

    numeric = Parameters(NET.shapes, complex_step(loss_of_theta, theta.vector))
    for name in NET.shapes:
        assert abs(dtheta[name] - numeric[name]).max() <= 1e-12 * abs(numeric[name]).max()
    numeric_dx = complex_step(loss_of_x, x)
    assert abs(dx - numeric_dx).max() <= 1e-12 * abs(numeric_dx).max()


@st.composite
def networks(draw: Any) -> Network:
    """Any chain of up to five blocks, each maxout after a linear layer of the right width."""
    layers: list[Any] = []
    for kind in draw(
        st.lists(st.sampled_from(["linear", "relu", "sigmoid", "maxout", "dropout"]), max_size=5)
    ):
        units, pieces = draw(st.integers(1, 4)), draw(st.integers(1, 4))
        layers += {
            "linear": [Linear(units, 0.5)],
            "relu": [ReLU()],
            "sigmoid": [Sigmoid()],
            "maxout": [Linear(units * pieces, 0.5), Maxout(units, pieces)],
            "dropout": [Dropout(draw(st.floats(0.1, 1)))],
        }[kind]
    return Network(draw(st.integers(1, 5)), (*layers, Linear(draw(st.integers(1, 3)), 0.5)))


@given(network=networks(), seed=SEEDS, m=st.integers(1, 5))
def test_every_network_has_the_gradients_of_the_complex_step(
    network: Network, seed: int, m: int
) -> None:
    rng = np.random.default_rng(seed)
    theta = network.zeros(np.float64)
    theta.assign(rng.standard_normal(theta.vector.shape))
    x, dy = rng.standard_normal((m, network.inputs)), rng.standard_normal((m, network.outputs))
    masks = [rng.random((m, width)) < keep for width, keep in network.mask_sizes]
    dtheta, dx = network.backward(network.forward(theta, x, masks), dy)

    def loss(vector: Any, x: Any) -> Any:
        vector, x = vector + 0j, x + 0j
        return weighted(network.forward(Parameters(network.shapes, vector), x, masks).y, dy)

    numeric = Parameters(network.shapes, complex_step(lambda v: loss(v, x), theta.vector))
    for name in network.shapes:
        assert abs(dtheta[name] - numeric[name]).max() <= 1e-12 * abs(numeric[name]).max(), name
    numeric_dx = complex_step(lambda v: loss(theta.vector, v), x)
    assert abs(dx - numeric_dx).max() <= 1e-12 * abs(numeric_dx).max()


@given(seed=SEEDS)
def test_two_forward_passes_then_two_backward_passes_are_right(seed: int) -> None:
    theta, x1, masks1, dy1 = arrange(seed)
    _, x2, masks2, dy2 = arrange(seed + 1)
    alone = [
        NET.backward(NET.forward(theta, x, masks), dy)
        for x, masks, dy in ((x1, masks1, dy1), (x2, masks2, dy2))
    ]
    first, second = NET.forward(theta, x1, masks1), NET.forward(theta, x2, masks2)
    for (dtheta, dx), trace, dy in zip(alone, (first, second), (dy1, dy2), strict=True):
        together = NET.backward(trace, dy)
        np.testing.assert_array_equal(together[0].vector, dtheta.vector)
        np.testing.assert_array_equal(together[1], dx)


@given(seed=SEEDS)
def test_a_used_trace_and_given_buffers_change_no_number(seed: int) -> None:
    theta, x, masks, dy = arrange(seed)
    y = np.full((5, 2), np.nan)
    trace = NET.trace(3, np.float64, y=y[1:4])
    out = Parameters(NET.shapes, np.full(theta.vector.shape, np.nan))
    other = arrange(seed + 1)
    NET.backward(NET.forward(theta, other[1], None, trace=trace), other[3], out=out)
    assert NET.forward(theta, x, masks, trace=trace) is trace
    dtheta, dx = NET.backward(trace, dy, out=out)
    assert dtheta is out
    fresh = NET.forward(theta, x, masks)
    np.testing.assert_array_equal(y[1:4], fresh.y)
    np.testing.assert_array_equal(out.vector, NET.backward(fresh, dy)[0].vector)
    np.testing.assert_array_equal(dx, NET.backward(fresh, dy)[1])


@given(seed=SEEDS)
def test_rows_of_a_trace_give_the_gradients_of_those_rows(seed: int) -> None:
    theta, x, masks, dy = arrange(seed, m=5)
    whole = NET.forward(theta, x, masks)
    dtheta, dx = NET.backward(whole.rows(2, 5), dy[2:])
    alone = NET.forward(theta, x[2:], [mask[2:] for mask in masks])
    expected_dtheta, expected_dx = NET.backward(alone, dy[2:])
    np.testing.assert_allclose(dtheta.vector, expected_dtheta.vector, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(dx, expected_dx, rtol=1e-12, atol=1e-14)


def count_calls(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[str]:
    calls, function = [], getattr(module, name)

    def counted(*arguments: Any, **options: Any) -> Any:
        calls.append(name)
        return function(*arguments, **options)

    monkeypatch.setattr(module, name, counted)
    return calls


def test_inputs_false_does_nothing_below_the_lowest_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    theta, x, masks, dy = arrange(0)
    trace = NET.forward(theta, x, masks)
    full, _ = NET.backward(trace, dy)
    products = count_calls(monkeypatch, linear, "backward_input")
    dtheta, dx = NET.backward(trace, dy, inputs=False)
    assert len(products) == 2  # of three linear layers, the lowest does not compute its dx
    np.testing.assert_array_equal(dtheta.vector, full.vector)
    assert dx.shape == (3, 0)


def test_inputs_false_does_nothing_below_parameters_that_only_the_last_layer_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net, dy = Network(3, (ReLU(), Sigmoid(), Linear(2, 0.5))), np.ones((4, 2))
    trace = net.forward(net.initial(0, "t", np.float64), np.ones((4, 3)))
    calls = [count_calls(monkeypatch, layer, "backward_input") for layer in (relu, sigmoid, linear)]
    dtheta, dx = net.backward(trace, dy, inputs=False)
    assert calls == [[], [], []]
    np.testing.assert_array_equal(dtheta["linear1.b"], [4, 4])
    assert dx.shape == (4, 0)


def test_a_network_without_parameters_has_empty_gradients(monkeypatch: pytest.MonkeyPatch) -> None:
    net = Network(3, (ReLU(),))
    trace = net.forward(net.zeros(np.float64), np.ones((4, 3)))
    calls = count_calls(monkeypatch, relu, "backward_input")
    dtheta, dx = net.backward(trace, np.ones((4, 3)), inputs=False)
    assert (len(dtheta), dx.shape, calls) == (0, (4, 0), [])


def test_the_default_dtype_is_float32() -> None:
    assert NET.zeros().vector.dtype == NET.trace(2).y.dtype == np.float32


def test_in_a_trace_the_y_of_a_layer_is_the_x_of_the_next_layer() -> None:
    layers = NET.trace(2).layers
    for layer, following in pairwise(layers):
        assert following.x is layer.y
    for layer in layers:
        assert not np.shares_memory(layer.dx, layer.x)


def test_a_network_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        NET.inputs = 6


def test_params_false_computes_no_parameter_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    theta, x, masks, dy = arrange(0)
    trace = NET.forward(theta, x, masks)
    expected = NET.backward(trace, dy)[1].copy()
    products = count_calls(monkeypatch, linear, "backward_params")
    dtheta, dx = NET.backward(trace, dy, params=False)
    assert not products
    assert len(dtheta) == 0
    np.testing.assert_array_equal(dx, expected)


def test_a_stale_trace_is_refused_and_a_fresh_one_is_not() -> None:
    theta, x, masks, dy = arrange(0)
    trace = NET.forward(theta, x, masks)
    theta.assign(theta.vector * 2)
    with pytest.raises(StaleTraceError, match=r"changed 1 time\(s\) since this forward pass"):
        NET.backward(trace, dy)
    NET.backward(NET.forward(theta, x, masks, trace=trace), dy)


def test_initial_weights_are_uniform_within_their_spread_and_biases_zero() -> None:
    net = Network(300, (Linear(400, 0.05), ReLU(), Linear(100, 0.005)))
    theta = net.initial(seed=3, stream="theta_g")
    for name, spread in (("linear1.W", 0.05), ("linear2.W", 0.005)):
        W = theta[name].ravel()
        assert abs(W).max() <= np.float32(spread)
        # The limits are six standard deviations of the mean and of the mean square.
        assert abs(W.mean()) < 6 * spread / np.sqrt(3 * W.size)
        assert abs((W**2).mean() / spread**2 - 1 / 3) < 6 * np.sqrt(4 / 45 / W.size)
    assert not theta["linear1.b"].any()
    assert theta.vector.dtype == np.float32


def test_initial_weights_are_a_function_of_seed_stream_and_name() -> None:
    u = draws.generator(9, "theta_d/linear2.W", 0).random((3, 4), dtype=np.float32)
    W = NET.initial(9, "theta_d")["linear2.W"]
    np.testing.assert_array_equal(W, (2 * u - 1) * np.float32(0.5))
    np.testing.assert_array_equal(NET.initial(9, "theta_d", np.float64)["linear2.W"], W)


def test_initial_weights_are_rounded_once_from_float32_numbers() -> None:
    W = Network(3, (Linear(4, 0.05),)).initial(9, "theta_g", np.float64)["linear1.W"]
    u = draws.generator(9, "theta_g/linear1.W", 0).random((3, 4), dtype=np.float32)
    spread = float(np.float32(0.05))
    # 2u - 1 has 24 bits and so has the spread: Python's product of 53 bits is exact.
    expected = [np.float32((2 * float(v) - 1) * spread) for v in u.ravel()]
    np.testing.assert_array_equal(W.ravel(), expected)


class Linear1(Linear):
    """A layer with the name linear11, which is also that of the eleventh linear layer."""


def test_two_layers_with_one_name_are_refused() -> None:
    ten = (Linear(1, 0.1),) * 10
    Network(1, (*ten, Linear1(1, 0.1)))
    names = ", ".join(f"linear{i}" for i in range(1, 12))
    message = f"two layers have one name in {names}, linear11: rename a class"
    with pytest.raises(ValueError, match=message):
        Network(1, (*ten, Linear(1, 0.1), Linear1(1, 0.1)))


def test_shapes_and_dtypes_that_do_not_match_are_refused() -> None:
    theta, x, masks, _ = arrange(0)
    with pytest.raises(ValueError, match="at least one layer"):
        Network(5, ())
    with pytest.raises(ValueError, match="needs 6 inputs, not 5"):
        Network(5, (Maxout(3, 2),))
    with pytest.raises(ValueError, match=r"x must be float64 of shape \(3, 5\), not float32"):
        NET.forward(theta, x.astype(np.float32))
    with pytest.raises(ValueError, match=r"of shape \(3, 4\)"):
        NET.forward(theta, x[:, :4])
    with pytest.raises(ValueError, match=r"of shape \(2, 5\), not"):
        NET.forward(theta, x, trace=NET.trace(2, np.float64))
    with pytest.raises(ValueError, match="masks must be boolean arrays of the shapes"):
        NET.forward(theta, x, masks[:1])
    with pytest.raises(ValueError, match="masks must be boolean arrays of the shapes"):
        NET.forward(theta, x, masks[::-1])
    with pytest.raises(ValueError, match="masks must be boolean"):
        NET.forward(theta, x, [mask.astype(np.int64) for mask in masks])
    with pytest.raises(ValueError, match="the trace has dtype float32 and 8 layers, not float64"):
        NET.forward(theta, x, trace=NET.trace(3, np.float32))
    with pytest.raises(ValueError, match="dtype float64 and 1 layers, not float64 and 8: make it"):
        NET.forward(theta, x, trace=Network(5, (Linear(2, 0.1),)).trace(3, np.float64))
    with pytest.raises(ValueError, match="theta belongs to another network"):
        NET.forward(Parameters({"w": (1,)}, np.zeros(1)), x)


@pytest.mark.parametrize("shape", [(1, 2), (3, 1), (3, 3), (2,)])
def test_a_dy_of_another_shape_is_refused_also_if_it_would_broadcast(shape: Any) -> None:
    theta, x, masks, _ = arrange(0)
    with pytest.raises(ValueError, match=r"dy must have the shape \(3, 2\) of y"):
        NET.backward(NET.forward(theta, x, masks), np.ones(shape))


def test_an_out_that_cannot_hold_the_gradient_is_refused() -> None:
    theta, x, masks, dy = arrange(0)
    trace = NET.forward(theta, x, masks)
    with pytest.raises(ValueError, match="needs params=True"):
        NET.backward(trace, dy, params=False, out=NET.zeros(np.float64))
    with pytest.raises(ValueError, match="out must have the shapes of theta"):
        NET.backward(trace, dy, out=Parameters({"w": (1,)}, np.zeros(1)))


def test_the_pass_calls_the_function_of_maxout(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = count_calls(monkeypatch, maxout, "forward")
    theta, x, _, _ = arrange(0)
    NET.forward(theta, x)
    assert len(calls) == 1


class Doubling(Layer):
    """y = 2 x, in new arrays and not in those of the trace."""

    def forward(self, theta: Any, trace: Any) -> Any:
        return 2 * trace.x

    def backward_input(self, theta: Any, trace: Any, dy: Any) -> Any:
        return 2 * dy


def test_the_new_array_of_a_layer_is_copied_to_its_y() -> None:
    net = Network(2, (Linear(3, 0.5), Doubling(), Linear(2, 0.5)))
    theta, x = net.initial(0, "t", np.float64), np.array([[1.0, 2.0]])
    theta["linear1.b"][...] = [1.0, 2.0, 3.0]
    trace = net.forward(theta, x)
    h = 2 * (x @ theta["linear1.W"] + [1.0, 2.0, 3.0])
    np.testing.assert_allclose(trace.layers[1].y, h, rtol=1e-15)
    np.testing.assert_allclose(trace.y, h @ theta["linear2.W"], rtol=1e-15)
    assert trace.layers[2].x is trace.layers[1].y


def test_dropout_without_masks_passes_its_input_on_and_copies_nothing() -> None:
    net = Network(2, (Linear(2, 0.5), Dropout(0.5), Linear(2, 0.5)))
    trace = net.trace(1, np.float64)
    trace.layers[1].y[...] = np.nan
    net.forward(net.initial(0, "t", np.float64), np.ones((1, 2)), trace=trace)
    assert np.isnan(trace.layers[1].y).all()
    assert trace.layers[2].x is trace.layers[0].y


@given(SEEDS)
def test_the_tangent_is_the_complex_step_of_forward(seed: int) -> None:
    theta, x, masks, dy = arrange(seed)
    q = np.random.default_rng(seed + 1).standard_normal(x.shape)
    trace = NET.forward(theta, x, masks)
    along = NET.tangent(trace, q)
    bent = Parameters(NET.shapes, theta.vector.astype(complex))
    moved = NET.forward(bent, x + 1e-30j * q, masks)
    assert along[0] is q
    for one, layer in zip(along[1:], moved.layers, strict=True):
        np.testing.assert_allclose(one, layer.y.imag / 1e-30, rtol=1e-9, atol=1e-12)
    _, dx = NET.backward(trace, dy)
    np.testing.assert_allclose((along[-1] * dy).sum(), (q * dx).sum(), rtol=1e-9, atol=1e-12)


def test_the_tangent_refuses_a_wrong_direction_and_a_stale_trace() -> None:
    theta, x, masks, _ = arrange(0)
    trace = NET.forward(theta, x, masks)
    with pytest.raises(ValueError, match=r"q must have the shape \(3, 5\), not \(1, 5\)"):
        NET.tangent(trace, x[:1])
    theta.changed()
    with pytest.raises(StaleTraceError):
        NET.tangent(trace, x)
