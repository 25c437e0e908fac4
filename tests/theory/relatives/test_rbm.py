"""The RBM: probabilities by enumeration, one step of CD by scikit-learn, PCD and training."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from minigan import draws
from minigan.parameters import Parameters
from minigan.theory.relatives import rbm
from minigan.theory.relatives.rbm import RBM

W = [[0.5, -1.0], [0.25, 0.75], [-0.5, 1.5]]
B, C = [0.1, -0.2, 0.3], [-0.4, 0.2]
V = np.array([[1.0, 0, 1], [0, 1, 1]])


def known() -> Parameters:
    return Parameters(RBM(3, 2).shapes, np.array([*np.ravel(W), *B, *C]))


def joint() -> dict[tuple[tuple[int, ...], tuple[int, ...]], float]:
    """e^-E(v, h) of every state, by the sum over pairs."""
    found = {}
    for v in product((0, 1), repeat=3):
        for h in product((0, 1), repeat=2):
            pairs = sum(W[i][j] * v[i] * h[j] for i in range(3) for j in range(2))
            biases = sum(b * one for b, one in zip(B + C, v + h, strict=True))
            found[v, h] = float(np.exp(pairs + biases))
    return found


@pytest.mark.parametrize("v", list(product((0, 1), repeat=3)))
def test_the_free_energy_and_the_conditional_are_sums_over_h(v: tuple[int, ...]) -> None:
    weights = {h: e for (one, h), e in joint().items() if one == v}
    row = np.array([v], dtype=float)
    assert rbm.free_energy(known(), row)[0] == pytest.approx(-np.log(sum(weights.values())))
    means = [sum(e for h, e in weights.items() if h[j]) / sum(weights.values()) for j in (0, 1)]
    np.testing.assert_allclose(rbm.hidden_means(known(), row)[0], means, rtol=1e-12)
    rows = np.concatenate([V, row])
    assert rbm.free_energy(known(), rows)[2] == rbm.free_energy(known(), row)[0]


@pytest.mark.parametrize("h", list(product((0, 1), repeat=2)))
def test_the_conditional_of_v_is_a_sum_over_v(h: tuple[int, ...]) -> None:
    weights = {v: e for (v, one), e in joint().items() if one == h}
    means = [sum(e for v, e in weights.items() if v[i]) / sum(weights.values()) for i in range(3)]
    found = rbm.visible_means(known(), np.array([h], dtype=float))
    np.testing.assert_allclose(found[0], means, rtol=1e-12)


# One update of sklearn.neural_network.BernoulliRBM 1.9.1: `_fit` with the learning rate 0.1, the
# data V, and chains at h = (1, 0), (0, 1), which its generator continued to V_MODEL.
V_MODEL = np.array([[1.0, 0, 0], [0, 1, 1]])
W_AFTER = [
    [0.4938166576204304, -0.982091887335211],
    [0.25, 0.75],
    [-0.4799343830056226, 1.5334093886084084],
]
B_AFTER, C_AFTER = [0.1, -0.2, 0.35], [-0.4061833423795696, 0.21790811266478893]


def test_one_step_is_that_of_scikit_learn() -> None:
    step = 0.1 * rbm.cd_gradient(known(), V, V_MODEL).vector
    after = np.array([*np.ravel(W_AFTER), *B_AFTER, *C_AFTER])
    np.testing.assert_allclose(known().vector + step, after, rtol=0, atol=1e-15)


@pytest.mark.oracle
def test_one_step_is_that_of_the_installed_scikit_learn() -> None:
    from sklearn.neural_network import BernoulliRBM

    oracle = BernoulliRBM(n_components=2, learning_rate=0.1)
    oracle.components_, oracle.h_samples_ = np.transpose(W).copy(), np.eye(2)
    oracle.intercept_visible_, oracle.intercept_hidden_ = np.array(B), np.array(C)
    oracle._sample_visibles = lambda h, rng: V_MODEL
    oracle._fit(V, np.random.RandomState(0))
    step = 0.1 * rbm.cd_gradient(known(), V, V_MODEL).vector
    parts = (oracle.components_.T, oracle.intercept_visible_, oracle.intercept_hidden_)
    expected = np.concatenate([np.ravel(part) for part in parts])
    np.testing.assert_allclose(known().vector + step, expected, rtol=0, atol=1e-15)


def test_the_chain_reaches_the_distribution_of_the_RBM() -> None:
    start = np.zeros((40_000, 3), np.float32)
    v = rbm.gibbs(known(), start, 20, draws.generator(0, "chain", 0))
    total = sum(joint().values())
    for one in product((0, 1), repeat=3):
        p = sum(e for (state, _), e in joint().items() if state == one) / total
        found = (v == one).all(axis=1).mean()
        assert found == pytest.approx(p, abs=4 * np.sqrt(p / 40_000))


def test_the_initial_biases_have_the_marginals_of_the_data() -> None:
    theta = RBM(3, 4).initial(0, "rbm", np.array([0.25, 1.0, 0.0]))
    p = 1 / (1 + np.exp(-theta["b"]))
    np.testing.assert_allclose(p, [0.25, 0.99, 0.01], rtol=1e-5)
    assert theta.vector.dtype == np.float32
    assert not theta["c"].any()
    assert not RBM(3, 4).initial(0, "rbm")["b"].any()
    assert RBM(3, 4) in {RBM(3, 4)}  # a frozen description has a hash


def test_the_initial_weights_have_the_bits_of_their_stream() -> None:
    u = draws.generator(5, "rbm/W", 0).random((30, 40), dtype=np.float32)
    W = RBM(30, 40).initial(5, "rbm")["W"]
    np.testing.assert_array_equal(W, (2 * u - 1) * np.float32(0.05))


def test_the_error_of_a_reconstruction_is_a_sum_over_units() -> None:
    def sigma(a: float) -> float:
        return 1 / (1 + math.exp(-a))

    total = 0.0
    for v in V:
        h = [sigma(sum(W[i][j] * v[i] for i in range(3)) + C[j]) for j in (0, 1)]
        for i in range(3):
            p = sigma(sum(W[i][j] * h[j] for j in (0, 1)) + B[i])
            total -= math.log(p if v[i] else 1 - p)
    assert rbm.reconstruction_cross_entropy(known(), V) == pytest.approx(total / 2, rel=1e-12)
