"""Penalties: their values by definition, the rows they are on, zero gradients and wrong weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from slow import complex_step

from minigan.draws import generator
from minigan.layers import Dropout, Linear, Maxout, ReLU
from minigan.network import Network
from minigan.objectives import penalties
from minigan.objectives.penalties import R1, R1R2, R2, WGANGP
from minigan.parameters import Parameters

M = 3
D = Network(2, (Linear(4, 1.0), Maxout(2, 2), Linear(1, 1.0)))
LINEAR = Network(2, (Linear(1, 1.0),))


def arrange(network: Network, seed: int = 0) -> tuple[Parameters, Any, Any]:
    rng = np.random.default_rng(seed)
    theta = network.zeros(np.float64)
    theta.assign(rng.standard_normal(theta.vector.size))
    batch = rng.standard_normal((2 * M, 2))
    return theta, network.forward(theta, batch), np.zeros((2 * M, 1))


def slopes(theta: Parameters, x: Any) -> Any:
    """dD/dx by central differences of the network, exact for a network linear in pieces."""
    h = 1e-6
    shifts = (np.array([h, 0]), np.array([0, h]))
    parts = [(D.forward(theta, x + s).y - D.forward(theta, x - s).y) / (2 * h) for s in shifts]
    return np.concatenate(parts, axis=1)


@pytest.mark.parametrize(
    ("penalty", "rows"),
    [(R1(0.6), [0, 1, 2]), (R2(0.6), [3, 4, 5]), (R1R2(0.6), [0, 1, 2, 3, 4, 5])],
)
def test_R1_and_R2_are_half_gamma_times_the_mean_squared_norm_at_their_rows(penalty, rows):
    theta, both, da = arrange(D)
    P = penalty.backward(D, both, da, 0, out=D.zeros(np.float64))
    expected = sum((slopes(theta, both.layers[0].x[[i]]) ** 2).sum() for i in rows)
    assert pytest.approx(0.3 * expected / M, rel=1e-8) == P


def test_WGANGP_is_lambda_times_the_mean_squared_distance_of_the_norm_from_1():
    theta, both, da = arrange(D)
    penalty = WGANGP(0.7, seed=4)
    P = penalty.backward(D, both, da, 5, out=D.zeros(np.float64))
    x_hat = penalty.x_hat(both.layers[0].x, 5)
    norms = [math.hypot(*g) for g in slopes(theta, x_hat)]
    assert pytest.approx(0.7 * sum((n - 1) ** 2 for n in norms) / M, rel=1e-7) == P


def test_each_row_of_x_hat_is_on_its_own_place_between_its_example_and_its_sample():
    batch = np.array([[0.0, 10.0]] * M + [[1.0, 20.0]] * M)
    x_hat = WGANGP(1.0, seed=1).x_hat(batch, 0)
    share = x_hat[:, 0]  # 1 - eps
    np.testing.assert_allclose(x_hat[:, 1], 10 + 10 * share, rtol=1e-12)
    assert ((share >= 0) & (share < 1)).all()
    assert len(set(share.tolist())) == M
    same, step, seed = (
        WGANGP(1.0, seed=s).x_hat(batch, t)[:, 0] for s, t in ((1, 0), (1, 1), (2, 0))
    )
    np.testing.assert_array_equal(same, share)
    assert not set(step.tolist()) & set(share.tolist())
    assert not set(seed.tolist()) & set(share.tolist())
    assert WGANGP(1.0, seed=1).x_hat(batch.astype(np.float32), 0).dtype == np.float32


def test_x_hat_is_the_draw_of_its_stream():
    batch = np.random.default_rng(0).standard_normal((2 * M, 2))
    eps = generator(4, "penalty/eps", 5).random((M, 1), np.float32).astype(np.float64)
    expected = [e * x + (1 - e) * s for e, x, s in zip(eps, batch[:M], batch[M:], strict=True)]
    for penalty in (WGANGP(1.0, seed=4), WGANGP(1.0, seed=4).from_row(0)):
        np.testing.assert_allclose(penalty.x_hat(batch, 5), expected, rtol=1e-14)


DROPPED = Network(2, (Dropout(0.5), Linear(4, 1.0), Maxout(2, 2), Dropout(0.5), Linear(1, 1.0)))


@pytest.mark.parametrize("dropped", [True, False])
def test_with_WGANGP_the_gradient_is_that_of_V_minus_P_by_complex_steps(dropped):
    """Row i of x_hat has the masks of x_i, and no masks if D has none."""
    rng = np.random.default_rng(6)
    vector, batch = rng.standard_normal(15), rng.standard_normal((2 * M, 2))
    da, penalty = rng.standard_normal((2 * M, 1)), WGANGP(0.7, seed=4)
    masks = [rng.random((2 * M, width)) < 0.7 for width in (2, 2)] if dropped else None
    x_hat = penalty.x_hat(batch, 5)

    def value(vector: Any) -> Any:
        theta = Parameters(DROPPED.shapes, vector)
        rows = masks and [mask[:M] for mask in masks]
        V = (da * DROPPED.forward(theta, batch.astype(vector.dtype), masks).y).sum()
        trace = DROPPED.forward(theta, x_hat.astype(vector.dtype), rows)
        _, g = DROPPED.backward(trace, np.ones_like(trace.y))
        return V - 0.7 * ((np.sqrt((g * g).sum(axis=1)) - 1) ** 2).sum() / M

    theta, out = Parameters(DROPPED.shapes, vector), DROPPED.zeros(np.float64)
    penalty.backward(DROPPED, DROPPED.forward(theta, batch, masks), da, 5, out=out)
    np.testing.assert_allclose(out.vector, complex_step(value, vector), rtol=1e-10, atol=1e-12)


def test_one_epsilon_for_the_whole_minibatch_is_found():
    def places(penalty: WGANGP) -> int:
        """The number of different places between an example at 0 and a sample at 1."""
        x_hat = penalty.x_hat(np.array([[0.0, 0.0]] * M + [[1.0, 1.0]] * M), 0)
        return len(set(x_hat[:, 0].tolist()))

    class OneEpsilon(WGANGP):
        def x_hat(self, batch: Any, step: int) -> Any:
            eps = np.random.default_rng(step).random()
            return eps * batch[:M] + (1 - eps) * batch[M:]

    assert (places(WGANGP(1.0, seed=1)), places(OneEpsilon(1.0, seed=1))) == (M, 1)


def test_the_rows_of_a_minibatch_have_the_same_x_hat_in_parts():
    batch = np.repeat(np.array([[0.0], [1.0]]), M, axis=0)  # so x_hat is 1 - eps
    whole, part = WGANGP(1.0, seed=1), slice(2, M)
    rows = np.concatenate([batch[part], batch[M:][part]])
    found = whole.from_row(2).x_hat(rows, 3)
    np.testing.assert_array_equal(found, whole.x_hat(batch, 3)[part])


def test_WGANGP_uses_its_buffers_again_and_they_change_no_number():
    theta, both, da = arrange(D)
    penalty, out, fresh = WGANGP(0.7, seed=4), D.zeros(np.float64), D.zeros(np.float64)
    penalty.backward(D, both, da, 0, out=out)
    buffers = penalty._buffers_of(D, M, theta)
    for step in (1, 2):
        P = penalty.backward(D, both, da, step, out=out)
        assert WGANGP(0.7, seed=4).backward(D, both, da, step, out=fresh) == P
        np.testing.assert_array_equal(out.vector, fresh.vector)
    assert all(a is b for a, b in zip(penalty._buffers_of(D, M, theta), buffers, strict=True))
    x_hat = penalty.x_hat(both.layers[0].x, 2)
    np.testing.assert_array_equal(buffers[0].y, D.forward(theta, x_hat).y)
    assert penalty.from_row(1)._buffers is None  # its rows are others
    single = Parameters(theta.shapes, theta.vector.astype(np.float32))
    other, _ = penalty._buffers_of(D, M + 1, single)
    assert (len(other), other.y.dtype) == (M + 1, np.float32)


@pytest.mark.parametrize("name", penalties.PENALTIES)
def test_a_penalty_by_name_has_its_weight_and_the_seed(name):
    penalty: Any = penalties.PENALTIES[name](0.3, 5)
    assert type(penalty).__name__ == name
    if name == "WGANGP":
        assert (penalty.lambda_, penalty.seed) == (0.3, 5)
    else:
        assert penalty.gamma == 0.3


@pytest.mark.parametrize("penalty", [R1(0.6), WGANGP(0.6, seed=0)])
def test_of_one_linear_layer_the_gradient_is_the_closed_form(penalty):
    # g = W^T in each row: R1 is gamma/2 |W|^2, WGAN-GP lambda (|W| - 1)^2, both independent of b.
    theta, both, da = arrange(LINEAR)
    out, W = LINEAR.zeros(np.float64), theta["linear1.W"]
    penalty.backward(LINEAR, both, da, 0, out=out)
    norm = np.linalg.norm(W)
    expected = 0.6 * W if isinstance(penalty, R1) else 2 * 0.6 * (1 - 1 / norm) * W
    np.testing.assert_allclose(out["linear1.W"], -expected, rtol=1e-13)
    np.testing.assert_array_equal(out["linear1.b"], 0)


def test_where_the_norm_is_0_r_is_0_and_P_is_lambda():
    g = np.array([[0.0, 0.0], [3.0, 4.0]])
    P, r = penalties.norm_minus_1(g, 0.5)
    assert P == 0.5 * (1 + 16) / 2
    np.testing.assert_allclose(r, [[0, 0], [0.5 * 0.8 * 3, 0.5 * 0.8 * 4]], rtol=1e-15)
    P, r = penalties.squared_norm(g, 0.5, m=2)
    assert (P, r.tolist()) == (0.5 / 2 * 25 / 2, [[0, 0], [0.75, 1.0]])


def test_a_critic_with_all_gates_shut_gets_no_gradient_from_the_penalty():
    network = Network(2, (Linear(3, 1.0), ReLU(), Linear(1, 1.0)))
    theta, _, da = arrange(network)
    theta["linear1.W"][...], theta["linear1.b"][...] = 0, -1
    both, out = network.forward(theta, np.ones((2 * M, 2))), network.zeros(np.float64)
    assert WGANGP(2.0, seed=0).backward(network, both, da, 0, out=out) == 2.0
    np.testing.assert_array_equal(out.vector, 0)


@pytest.mark.parametrize("weight", [-1e-9, math.inf, math.nan])
def test_a_wrong_weight_is_refused_by_name(weight):
    with pytest.raises(ValueError, match=r"^gamma must be a number >= 0, not "):
        R1(weight)
    with pytest.raises(ValueError, match=r"^lambda must be a number >= 0, not "):
        WGANGP(weight, seed=0)
    assert (R2(0.0).gamma, WGANGP(0.0, seed=0).lambda_) == (0, 0)
