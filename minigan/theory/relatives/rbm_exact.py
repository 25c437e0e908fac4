"""What is exact for an RBM with few hidden units: Z, the gradient, and the Gibbs chain.

    Z = sum_h e^(c h^T) prod_i (1 + e^(h W^T + b)_i)             2^hidden terms
    d log Z / dW = E_p[v^T h],   d log Z / db = E_p[v],   d log Z / dc = E_p[h]
    E_p[v | h] = sigma(h W^T + b)
    T(v, v') = sum_h p(h|v) p(v'|h),   p(v) T(v, v') = p(v') T(v', v)       detailed balance

Annealed importance sampling (AIS) estimates log Z for any size (Neal 2001; Salakhutdinov and Murray
2008). Along beta = 0, ..., 1 it anneals from independent units with the biases `base` to the RBM:

    f_beta(v) = (1 - beta) base v^T + beta b v^T + sum_j softplus(beta (v W + c)_j)
    log Z = log Z_0 + log mean e^w,   w = sum_k f_k(v_k) - f_(k-1)(v_k)
    log Z_0 = sum_i softplus(base_i) + hidden log 2

v_1 is a sample at beta = 0, and v_(k+1) follows v_k by one Gibbs step for beta_k.
"""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.layers import linear, sigmoid
from minigan.objectives import softplus
from minigan.parameters import Parameters
from minigan.theory.relatives.rbm import free_energy, hidden_means, mean_statistics, visible_means
from minigan.theory.relatives.vae import binarised

MOST_HIDDEN = 16


def all_states(units: int) -> Array:
    """All binary rows (2^units, units). Raises ValueError for more than MOST_HIDDEN = 16 units."""
    if units > MOST_HIDDEN:
        raise ValueError(f"2^{units} states are too many: use at most {MOST_HIDDEN} hidden units")
    return np.array(list(product((0.0, 1.0), repeat=units)))


def log_Z(theta: Parameters) -> float:
    """log Z in nats, by a sum over all h."""
    terms = _log_terms(theta, all_states(len(theta["c"])))
    return float(terms.max() + np.log(np.exp(terms - terms.max()).sum()))


def log_likelihood_gradient(theta: Parameters, v: Array) -> Parameters:
    """mean d log p(v) / dtheta over the rows of v (m, n), without sampling."""
    dtheta = mean_statistics(theta, v)
    h = all_states(len(theta["c"]))
    p = np.exp(_log_terms(theta, h) - log_Z(theta))
    v_means = visible_means(theta, h)
    dtheta["W"][...] -= v_means.T @ (p[:, None] * h)
    dtheta["b"][...] -= p @ v_means
    dtheta["c"][...] -= p @ h
    return dtheta


def transition_matrix(theta: Parameters) -> tuple[Array, Array]:
    """(p, T): the probability of each v (2^n,), and T(v, v') of the Gibbs chain (2^n, 2^n)."""
    v, h = all_states(len(theta["b"])), all_states(len(theta["c"]))
    p = np.exp(-free_energy(theta, v) - log_Z(theta))
    h_given_v = _probabilities(hidden_means(theta, v), h)
    v_given_h = _probabilities(visible_means(theta, h), v)
    return p, h_given_v @ v_given_h


def ais(theta: Parameters, base: Array, betas: Array, chains: int, seed: int) -> float:
    """The estimate of log Z by AIS, with `base` (n,) and betas from 0 to 1."""
    W, b, c = theta["W"], theta["b"], theta["c"]
    rng = draws.generator(seed, "ais", 0)

    def f(beta: float, v: Array) -> Array:
        hidden = softplus(beta * linear.forward(v, W, c)).sum(axis=1)
        exponent: Array = v @ ((1 - beta) * base + beta * b) + hidden
        return exponent

    v = binarised(np.broadcast_to(sigmoid.forward(base), (chains, len(b))), rng)
    w = np.zeros(chains)
    for before, beta in pairwise(betas):
        w += f(beta, v) - f(before, v)
        h = binarised(sigmoid.forward(beta * linear.forward(v, W, c)), rng)
        v = binarised(sigmoid.forward((1 - beta) * base + beta * linear.forward(h, W.T, b)), rng)
    log_Z_0 = float(softplus(base).sum()) + len(c) * math.log(2)
    return log_Z_0 + float(w.max() + np.log(np.exp(w - w.max()).mean()))


def _log_terms(theta: Parameters, h: Array) -> Array:
    """log of the sum over v of e^-E(v, h), for each row of h."""
    visible = softplus(linear.forward(h, theta["W"].T, theta["b"])).sum(axis=1)
    terms: Array = h @ theta["c"] + visible
    return terms


def _probabilities(means: Array, states: Array) -> Array:
    """The probability of each state (S,) under independent units with these means (m, units)."""
    each = np.where(states[None] == 1, means[:, None], 1 - means[:, None])
    product: Array = each.prod(axis=2)
    return product
