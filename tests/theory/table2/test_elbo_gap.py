"""The gap of a VAE with two coordinates of z, against integrals over eps and z on other grids."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.special import logsumexp, roots_hermitenorm
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
    return TWO.E.initial(0, "e", np.float64), TWO.G.initial(0, "g", np.float64)


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


def test_the_grids_of_z_and_of_eps() -> None:
    _, theta_g = thetas()
    G = Recorder()
    E = SimpleNamespace(forward=lambda theta, x: SimpleNamespace(y=np.zeros((len(x), 4))))
    vae: Any = SimpleNamespace(G=G, E=E, z_size=2)
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
    x, K = images(), 3
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
