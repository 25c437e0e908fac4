"""The gap between the ELBO and log p(x) of a VAE with two coordinates of z, by quadrature.

    log p(x) = log int p(x|z) N(z; 0, I) dz          trapezoidal rule on a grid of z
    ELBO     = E_eps[log p(x|z) - KL(q(z|x) || N(0, I))], z = mu + e^(s/2) eps
    gap      = log p(x) - ELBO = KL(q(z|x) || p(z|x)) >= 0

The expectation over eps is Gauss-Hermite quadrature. So the gap is what the inference network of
the VAE gets wrong, without noise.

`importance_error` is the mean distance of log 1/K sum_k p(x, z_k) / q(z_k|x) from log p(x).
"""

from __future__ import annotations

import math

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.parameters import Parameters
from minigan.theory.relatives.vae import (
    VAE,
    kl_to_prior,
    log_likelihood_by_importance,
    log_p_x_given_z,
)

END, NODES = 6.0, 161  # the grid of each coordinate of z: the mass of N(0, 1) beyond 6 is 2e-9
HERMITE = 12  # nodes for each coordinate of eps


def exact_log_p(vae: VAE, theta_g: Parameters, x: Array) -> Array:
    """log p(x) (m,) in nats, for binary x (m, n)."""
    t, step = np.linspace(-END, END, NODES, retstep=True)
    z = np.stack(np.meshgrid(t, t), axis=-1).reshape(-1, 2)
    log_prior = -(z**2).sum(axis=1) / 2 - math.log(2 * math.pi)
    a = vae.G.forward(theta_g, z.astype(theta_g.vector.dtype)).y.astype(np.float64)
    constant = log_p_x_given_z(a, np.zeros_like(a)) + log_prior + 2 * math.log(step)
    terms = x @ a.T + constant
    largest = terms.max(axis=1)
    log_p: Array = largest + np.log(np.exp(terms - largest[:, None]).sum(axis=1))
    return log_p


def exact_elbo(vae: VAE, theta_e: Parameters, theta_g: Parameters, x: Array) -> Array:
    """The ELBO (m,) in nats of each row of binary x (m, n)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(HERMITE)
    weights /= weights.sum()
    e = vae.E.forward(theta_e, x).y
    mu, s = e[:, :2], e[:, 2:]
    value = -kl_to_prior(mu, s).astype(np.float64)
    for i, first in enumerate(nodes):
        for j, second in enumerate(nodes):
            eps = np.array([first, second], dtype=mu.dtype)
            a = vae.G.forward(theta_g, mu + np.exp(s / 2) * eps).y
            value += weights[i] * weights[j] * log_p_x_given_z(a, x)
    return value


def elbo_gap(vae: VAE, theta_e: Parameters, theta_g: Parameters, x: Array) -> float:
    """mean log p(x) - mean ELBO in nats, over the rows of binary x (m, n)."""
    gap = exact_log_p(vae, theta_g, x) - exact_elbo(vae, theta_e, theta_g, x)
    return float(gap.mean())


def importance_error(
    vae: VAE, theta_e: Parameters, theta_g: Parameters, x: Array, K: int, seed: int
) -> float:
    """mean |estimate - log p(x)| in nats, with K draws of z for each row of binary x (m, n)."""
    rng = draws.generator(seed, "table 2/importance", 0)
    eps = rng.standard_normal((K, len(x), 2)).astype(x.dtype)
    estimate = log_likelihood_by_importance(vae, theta_e, theta_g, x, eps)
    return float(abs(estimate - exact_log_p(vae, theta_g, x)).mean())
