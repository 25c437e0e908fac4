"""Z, the gradient and detailed balance of a small RBM, against sums over all states; AIS."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan import draws
from minigan.arrays import Array
from minigan.parameters import Parameters
from minigan.theory.relatives import rbm, rbm_exact
from minigan.theory.relatives.rbm import RBM


def random_theta(n: int, hidden: int, scale: float = 1.0) -> Parameters:
    machine = RBM(n, hidden)
    theta = Parameters.zeros(machine.shapes, np.float64)
    theta.assign(scale * draws.generator(0, "exact", n).standard_normal(theta.vector.size))
    return theta


def log_weights(theta: Parameters) -> tuple[Array, Array]:
    """(v, -E(v, h)) over all states (2^n, 2^hidden), from the definition of E."""
    v, h = (rbm_exact.all_states(len(theta[name])) for name in "bc")
    energies = np.einsum("ai,ij,bj->ab", v, theta["W"], h)
    return v, energies + (v @ theta["b"])[:, None] + (h @ theta["c"])[None]


def test_log_Z_is_the_sum_over_all_pairs_of_states() -> None:
    theta = random_theta(5, 4)
    exact = math.log(np.exp(log_weights(theta)[1]).sum())
    assert rbm_exact.log_Z(theta) == pytest.approx(exact, abs=1e-12)
    shifted = random_theta(5, 4)
    shifted["c"][...] += 1000  # e^4000 would overflow
    assert rbm_exact.log_Z(shifted) > 3900


def test_the_gradient_is_that_of_the_log_likelihood_by_differences() -> None:
    theta, v = random_theta(5, 4), rbm_exact.all_states(5)[[3, 17, 30]]

    def log_p(vector: Array) -> float:
        one = Parameters(theta.shapes, vector)
        states, weights = log_weights(one)
        log_joint = weights - np.log(np.exp(weights).sum())
        rows = [int((states == row).all(axis=1).argmax()) for row in v]
        return float(np.log(np.exp(log_joint).sum(axis=1))[rows].mean())

    found = rbm_exact.log_likelihood_gradient(theta, v).vector
    for i, step in enumerate(1e-5 * np.eye(len(theta.vector))):
        slope = (log_p(theta.vector + step) - log_p(theta.vector - step)) / 2e-5
        assert found[i] == pytest.approx(slope, abs=1e-8)


def test_detailed_balance_of_the_gibbs_chain() -> None:
    p, T = rbm_exact.transition_matrix(random_theta(4, 3))
    np.testing.assert_allclose(T.sum(axis=1), 1, rtol=1e-12)
    flow = p[:, None] * T
    np.testing.assert_allclose(flow, flow.T, rtol=1e-11)
    np.testing.assert_allclose(p @ T, p, rtol=1e-11)
    assert p.sum() == pytest.approx(1, abs=1e-12)


def test_the_chain_that_is_run_has_this_transition_matrix() -> None:
    theta = random_theta(3, 2)
    _, T = rbm_exact.transition_matrix(theta)
    states = rbm_exact.all_states(3)
    v = rbm.gibbs(theta, np.repeat(states[5:6], 40_000, axis=0), 1, draws.generator(0, "one", 0))
    found = [(v == state).all(axis=1).mean() for state in states]
    np.testing.assert_allclose(found, T[5], atol=4 * math.sqrt(0.25 / 40_000))


def test_the_expectation_of_CD_points_along_the_exact_gradient_and_CD_1_has_a_bias() -> None:
    theta, data = random_theta(5, 4, 2.0), rbm_exact.all_states(5)[[3, 17, 30, 7]]
    exact = rbm_exact.log_likelihood_gradient(theta, data).vector
    _, T = rbm_exact.transition_matrix(theta)
    states = rbm_exact.all_states(5)
    start = np.array([(data == state).all(axis=1).mean() for state in states])
    each = np.stack([rbm.mean_statistics(theta, state[None]).vector for state in states])
    cosines, biases = [], []
    for k in (1, 3, 100):
        expected = (start - start @ np.linalg.matrix_power(T, k)) @ each
        cosines.append(expected @ exact / np.linalg.norm(expected) / np.linalg.norm(exact))
        biases.append(np.linalg.norm(expected - exact))
    assert 0.9 < cosines[0] < 0.99 < cosines[1]
    assert biases[0] > 5 * biases[1] > 1e-3
    assert biases[2] < 1e-10


@pytest.mark.parametrize("seed", range(3))
def test_AIS_is_within_a_tenth_of_a_nat_of_the_exact_log_Z(seed: int) -> None:
    theta = random_theta(12, 8, 0.7)
    base = np.linspace(-1, 1, 12)
    found = rbm_exact.ais(theta, base, np.linspace(0, 1, 300), 100, seed)
    assert found == pytest.approx(rbm_exact.log_Z(theta), abs=0.1)


def test_AIS_follows_its_formulas() -> None:
    theta, base, betas = random_theta(4, 3), np.linspace(-1, 1, 4), [0, 0.2, 0.5, 1]
    W, b, c = theta["W"], theta["b"], theta["c"]
    rng = draws.generator(7, "ais", 0)

    def bernoulli(a: Array) -> Array:
        return (rng.random(a.shape, dtype=np.float32) < 1 / (1 + np.exp(-a))).astype(float)

    def log_f(beta: float, v: Array) -> Array:
        hidden = np.log(1 + np.exp(beta * (v @ W + c))).sum(axis=1)
        return v @ ((1 - beta) * base + beta * b) + hidden

    v, w = bernoulli(np.tile(base, (200, 1))), np.zeros(200)
    for before, beta in ((0, 0.2), (0.2, 0.5), (0.5, 1)):
        w += log_f(beta, v) - log_f(before, v)
        h = bernoulli(beta * (v @ W + c))
        v = bernoulli((1 - beta) * base + beta * (h @ W.T + b))
    expected = np.log(1 + np.exp(base)).sum() + 3 * math.log(2) + math.log(np.exp(w).mean())
    found = rbm_exact.ais(theta, base, np.array(betas), 200, 7)
    assert found == pytest.approx(expected, rel=1e-13)


def test_AIS_between_equal_machines_is_exact() -> None:
    theta = Parameters.zeros(RBM(4, 3).shapes, np.float64)
    theta["b"][...] = [0.5, -1, 0, 2]
    exact = sum(math.log(1 + math.exp(b)) for b in (0.5, -1, 0, 2)) + 3 * math.log(2)
    found = rbm_exact.ais(theta, theta["b"], np.linspace(0, 1, 3), 2, 0)
    assert found == pytest.approx(exact, abs=1e-12)
    assert rbm_exact.log_Z(theta) == pytest.approx(exact, abs=1e-12)


def test_the_states_of_16_units_and_not_of_more() -> None:
    states = rbm_exact.all_states(2)
    np.testing.assert_array_equal(states, [[0, 0], [0, 1], [1, 0], [1, 1]])
    assert states.dtype == np.float64
    assert rbm_exact.all_states(16).shape == (65536, 16)
    with pytest.raises(ValueError, match=r"2\^17 states are too many: use at most 16 hidden units"):
        rbm_exact.all_states(17)
