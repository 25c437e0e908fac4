"""The gap of a VAE with two coordinates of z, against integrals over eps and z on other grids."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import log_expit, logsumexp, roots_hermitenorm
from scipy.stats import bernoulli, multivariate_normal, norm

from minigan import draws
from minigan.arrays import Array
from minigan.layers import Linear
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.theory.relatives.vae import VAE
from minigan.theory.table2 import elbo_gap as module

M, N = 3, 4
TWO = VAE(Network(N, (Linear(4, 0.8),)), Network(2, (Linear(N, 2.0),)))


def thetas() -> tuple[Parameters, Parameters]:
    theta_e, theta_g = TWO.E.initial(0, "e", np.float64), TWO.G.initial(0, "g", np.float64)
    theta_g["linear1.b"][...] = 0.3, -0.2, 0.1, 0.4
    return theta_e, theta_g


def images() -> Array:
    return (draws.generator(0, "x", 0).random((M, N)) < 0.5).astype(np.float64)


def log_joint(theta_g: Parameters, row: Array, z: Array) -> Array:
    p = 1 / (1 + np.exp(-TWO.G.forward(theta_g, z).y))
    prior = multivariate_normal(np.zeros(2)).logpdf(z)
    return np.asarray(bernoulli.logpmf(row, p).sum(axis=1) + prior)


def plane(end: float, nodes: int) -> tuple[Array, float]:
    t, step = np.linspace(-end, end, nodes, retstep=True)
    return np.array([[first, second] for first in t for second in t]), float(step) ** 2


def test_log_p_is_the_integral_over_z() -> None:
    _, theta_g = thetas()
    z, area = plane(8, 121)
    expected = [logsumexp(log_joint(theta_g, row, z)) + np.log(area) for row in images()]
    np.testing.assert_allclose(module.exact_log_p(TWO, theta_g, images()), expected, atol=1e-8)


class Recorder:
    """A G that records its inputs z, with the logits 0."""

    def __init__(self) -> None:
        self.asked: list[Array] = []

    def forward(self, theta: Parameters, z: Array) -> SimpleNamespace:
        self.asked.append(z)
        return SimpleNamespace(y=np.zeros((len(z), N), z.dtype))


def constant(*numbers: float, dtype: Any = np.float64) -> SimpleNamespace:
    """A network whose output is this row for every input."""
    return SimpleNamespace(
        forward=lambda theta, x: SimpleNamespace(y=np.full((len(x), len(numbers)), numbers, dtype))
    )


def test_without_an_effect_of_z_both_are_sums_in_closed_form() -> None:
    a, x = np.array([12.3, 0.1, -900]), np.array([[0.0, 1, 1], [1, 0, 0]])  # e^-900 is 0
    mu, s = np.array([0.3, -0.2]), np.array([0.1, 3.7])
    vae: Any = SimpleNamespace(G=constant(*a), E=constant(*mu, *s))
    log_p = bernoulli_log_p(a, x)
    theta = thetas()[1]
    np.testing.assert_allclose(module.exact_log_p(vae, theta, x), log_p, rtol=0, atol=2e-8)
    KL = (mu**2 + np.exp(s) - 1 - s).sum() / 2
    found = module.exact_elbo(vae, theta, theta, x)
    np.testing.assert_allclose(found, log_p - KL, rtol=1e-13)


def bernoulli_log_p(a: Array, x: Array) -> Array:
    """log p(x) (m,) of independent pixels with the logits a."""
    return np.asarray((x * log_expit(a) + (1 - x) * log_expit(-a)).sum(axis=1))


def test_the_grid_of_eps_has_the_dtype_of_the_encoder() -> None:
    G = Recorder()
    vae: Any = SimpleNamespace(G=G, E=constant(0, 0, 0, 0, dtype=np.float32))
    module.exact_elbo(vae, thetas()[1], thetas()[1], images().astype(np.float32))
    assert {z.dtype for z in G.asked} == {np.dtype(np.float32)}


def test_the_grids_of_z_and_of_eps() -> None:
    _, theta_g = thetas()
    G = Recorder()
    vae: Any = SimpleNamespace(G=G, E=constant(0, 0, 0, 0))
    module.exact_log_p(vae, theta_g, images())
    t = np.linspace(-6, 6, 161)
    assert sorted(map(tuple, G.asked[0])) == [(a, b) for a in t for b in t]
    G.asked.clear()
    module.exact_elbo(vae, theta_g, theta_g, images())
    roots = np.sort(roots_hermitenorm(12)[0])
    found = np.array([z[0] for z in G.asked])
    np.testing.assert_allclose(found, [[a, b] for a in roots for b in roots], atol=1e-12)


def test_the_gap_is_the_KL_divergence_of_q_from_the_posterior() -> None:
    theta_e, theta_g = thetas()
    eps, area = plane(8, 121)
    divergences = []
    for row in images():
        mu, s = np.split(TWO.E.forward(theta_e, row[None]).y[0], 2)
        z = mu + np.exp(s / 2) * eps
        weights = area * norm.pdf(eps).prod(axis=1)
        log_q = norm.logpdf(z, mu, np.exp(s / 2)).sum(axis=1)
        nodes, cell = plane(8, 121)
        log_p = logsumexp(log_joint(theta_g, row, nodes)) + np.log(cell)
        divergences.append(weights @ (log_q - (log_joint(theta_g, row, z) - log_p)))
    found = module.elbo_gap(TWO, theta_e, theta_g, images())
    assert found == pytest.approx(np.mean(divergences), abs=1e-6)
    assert found > 0.01


def test_the_importance_error_is_that_of_the_mean_weight() -> None:
    theta_e, theta_g = thetas()
    x, K = images(), 4
    eps = draws.generator(5, "table 2/importance", 0).standard_normal((K, M, 2))
    errors = []
    for i, row in enumerate(x):
        mu, s = np.split(TWO.E.forward(theta_e, row[None]).y[0], 2)
        z = mu + np.exp(s / 2) * eps[:, i]
        log_q = norm.logpdf(z, mu, np.exp(s / 2)).sum(axis=1)
        estimate = logsumexp(log_joint(theta_g, row, z) - log_q) - np.log(K)
        nodes, cell = plane(8, 121)
        errors.append(abs(estimate - logsumexp(log_joint(theta_g, row, nodes)) - np.log(cell)))
    found = module.importance_error(TWO, theta_e, theta_g, x, K, seed=5)
    assert found == pytest.approx(np.mean(errors), abs=1e-8)
