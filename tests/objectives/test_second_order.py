"""The gradient of a penalty: complex step, Euler's identity, and common wrong versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from slow import complex_step

from minigan.arrays import Array
from minigan.layers import (
    Branch,
    ChannelMaxout,
    Convolution,
    Deconvolution,
    Dropout,
    Layer,
    Linear,
    Maxout,
    MaxPooling,
    Parallel,
    ReLU,
    Sigmoid,
    Windows,
)
from minigan.network import Network
from minigan.objectives import second_order
from minigan.objectives.penalties import norm_minus_1, squared_norm
from minigan.parameters import Parameters

M, ROWS = 5, slice(1, 4)
CRITICS = {
    "maxout, dropout, relu": (
        *(Dropout(0.8), Linear(6, 1.0), Maxout(3, 2), Dropout(0.5), Linear(5, 1.0), ReLU()),
        Linear(1, 1.0),
    ),
    "relu first": (ReLU(), Linear(4, 1.0), ReLU(), Linear(1, 1.0)),
    "sigmoids": (Linear(5, 1.0), Sigmoid(), Linear(4, 1.0), Sigmoid(), Linear(1, 1.0)),
    "u' passes one layer": (Linear(5, 1.0), Linear(4, 1.0), Sigmoid(), Linear(1, 1.0)),
    "two layers without parameters first": (
        *(Dropout(0.8), Sigmoid(), Linear(4, 1.0), Sigmoid(), Linear(1, 1.0)),
    ),
    "branches": (
        *(Linear(6, 1.0), Parallel((Branch(0, 4, Sigmoid()), Branch(2, 6, Sigmoid())))),
        Linear(1, 1.0),
    ),
    "layers for images": (
        *(Dropout(0.8), Convolution(Windows(2, 2, 2, pad=1), 4, 1.0), ChannelMaxout(2, 2)),
        *(MaxPooling(Windows(3, 3, 2)), Sigmoid()),
        *(Deconvolution(Windows(3, 3, 2), 2, 1.0, tied=True), Sigmoid()),
        *(Deconvolution(Windows(2, 2, 2, pad=1), 1, 1.0), Linear(1, 1.0)),
    ),
    "sigmoid below, output bent": (
        Sigmoid(),
        Linear(4, 1.0),
        Maxout(2, 2),
        Linear(1, 1.0),
        Sigmoid(),
    ),
}


def arrange(name: str, seed: int = 1) -> tuple[Network, Any, Any, Any, Any]:
    rng = np.random.default_rng(seed)
    D = Network(4, CRITICS[name])
    theta = rng.standard_normal(D.zeros().vector.size)
    masks = [rng.random((M, width)) < 0.7 for width, _ in D.mask_sizes]
    return D, theta, rng.standard_normal((M, 4)), masks, rng.standard_normal((M, 1))


def P_of(g: Array) -> tuple[Any, Array]:
    return norm_minus_1(g, 3.0)


def gradient(name: str, penalty: Callable[[Array], tuple[Any, Array]] = P_of) -> Any:
    D, theta, x, masks, d = arrange(name)
    trace, out = D.forward(Parameters(D.shapes, theta), x, masks), D.zeros(np.float64)
    second_order.backward_minus_penalty(D, trace, d, ROWS, penalty, out=out)
    return out


def expected(name: str) -> Any:
    """d(sum_i d_i f_i - P) / d theta by complex steps, with P written out."""
    D, theta, x, masks, d = arrange(name)

    def J(vector: Any) -> Any:
        trace = D.forward(Parameters(D.shapes, vector), x.astype(vector.dtype), masks)
        first_order = (d * trace.y).sum()
        _, g = D.backward(trace, np.ones_like(trace.y))
        norms = np.sqrt((g[ROWS] ** 2).sum(axis=1))
        return first_order - 3.0 * ((norms - 1) ** 2).sum() / 3

    return complex_step(J, theta)


@pytest.mark.parametrize("name", CRITICS)
def test_the_gradient_on_whole_critics_is_the_complex_step_to_1e_12(name: str) -> None:
    found, numeric = gradient(name).vector, expected(name)
    assert abs(found - numeric).max() <= 1e-12 * abs(numeric).max()


@pytest.mark.parametrize("penalty", [P_of, lambda g: squared_norm(g, 0.3, m=len(g))])
def test_euler_the_sum_of_W_times_its_gradient_is_r_g_in_every_layer(penalty) -> None:
    D, theta, x, masks, d = arrange("maxout, dropout, relu")
    trace = D.forward(Parameters(D.shapes, theta), x, masks)
    out, kept = D.zeros(np.float64), []

    def keep(g: Array) -> tuple[Any, Array]:
        kept.append((g.copy(), penalty(g)[1]))
        return penalty(g)

    P = second_order.backward_minus_penalty(D, trace, 0 * d, ROWS, keep, out=out)
    (g, r), theta_d = kept[0], Parameters(D.shapes, theta)
    sums = [(theta_d[one] * -out[one]).sum() for one in D.shapes if one.endswith("W")]
    np.testing.assert_allclose(sums, (r * g).sum(), rtol=1e-12)
    assert len(sums) == 3
    if penalty is not P_of:
        np.testing.assert_allclose(sums, 2 * P, rtol=1e-12)  # P is quadratic in g
    assert all((out[one] == 0).all() for one in D.shapes if one.endswith("b"))


def detached(g: Array) -> tuple[Any, Array]:
    """g treated as a constant: the penalty has no gradient."""
    return P_of(g)[0], 0 * g


def by_channel(g: Array) -> tuple[Any, Array]:
    """One norm for each half of a row, as if each channel were an example."""
    P, r = P_of(g.reshape(-1, 2))
    return P, r.reshape(g.shape)


def of_all_rows(g: Array) -> tuple[Any, Array]:
    """One norm for the whole minibatch."""
    P, r = P_of(g.reshape(1, -1))
    return P, r.reshape(g.shape)


@pytest.mark.parametrize("wrong", [detached, by_channel, of_all_rows])
def test_a_common_wrong_penalty_is_found(wrong: Any) -> None:
    name = "maxout, dropout, relu"
    numeric = expected(name)
    assert abs(gradient(name, wrong).vector - numeric).max() > 1e-3 * abs(numeric).max()


def test_the_gradient_of_the_sigmoid_instead_of_the_logit_is_found() -> None:
    D, theta, x, masks, d = arrange("maxout, dropout, relu")
    bent = Network(4, (*D.layers, Sigmoid()))
    trace, out = bent.forward(Parameters(bent.shapes, theta), x, masks), D.zeros(np.float64)
    a = trace.layers[-1].x
    slope = 1 / (2 + np.exp(a) + np.exp(-a))  # d sigma / da, so the first-order part is right
    second_order.backward_minus_penalty(bent, trace, d / slope, ROWS, P_of, out=out)
    numeric = expected("maxout, dropout, relu")
    assert abs(out.vector - numeric).max() > 1e-3 * abs(numeric).max()


@pytest.mark.parametrize("missing", ["curvature", "tangent"])
def test_a_smooth_critic_without_its_second_order_is_found(missing, monkeypatch) -> None:
    numeric = expected("sigmoids")
    wrong = {
        "curvature": lambda self, theta, trace, dy, q: None,
        "tangent": lambda self, theta, trace, q: q,
    }
    monkeypatch.setattr(Sigmoid, missing, wrong[missing])
    assert abs(gradient("sigmoids").vector - numeric).max() > 1e-3 * abs(numeric).max()


def test_another_mask_in_the_tangent_pass_is_found(monkeypatch) -> None:
    numeric = expected("maxout, dropout, relu")
    monkeypatch.setattr(Dropout, "tangent", lambda self, theta, trace, q: q)
    found = gradient("maxout, dropout, relu").vector
    assert abs(found - numeric).max() > 1e-3 * abs(numeric).max()


@pytest.mark.parametrize("name", CRITICS)
def test_the_trace_may_be_used_for_other_backward_passes_afterwards(name: str) -> None:
    D, theta, x, masks, d = arrange(name)
    trace = D.forward(Parameters(D.shapes, theta), x, masks)
    _, dx = D.backward(trace, d)
    before = dx.copy()
    second_order.backward_minus_penalty(D, trace, d, ROWS, P_of, out=D.zeros(np.float64))
    np.testing.assert_array_equal(D.backward(trace, d)[1], before)


def test_a_layer_without_a_second_order_says_its_name() -> None:
    class Shifted(ReLU):
        curvature = Layer.curvature

    class Plain(ReLU):
        tangent = Layer.tangent

    x = np.ones((2, 2))
    for kind, method in ((Shifted, "curvature"), (Plain, "tangent")):
        D = Network(2, (Linear(3, 1.0), kind(), Linear(1, 1.0)))
        trace = D.forward(D.initial(1, "theta_d", np.float64), np.ones((2, 2)))
        with pytest.raises(NotImplementedError, match=f"^{kind.__name__} has no {method}$"):
            second_order.backward_minus_penalty(
                D, trace, np.ones((2, 1)), slice(0, 2), P_of, out=D.zeros(np.float64)
            )
    with pytest.raises(NotImplementedError, match=r"^ReLU has no backward_params_along$"):
        Layer.backward_params_along(ReLU(), {}, trace.layers[0], x, x, slice(2), x, None)
