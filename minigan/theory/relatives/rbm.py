"""A restricted Boltzmann machine (RBM): binary v and h, no connections within a layer.

    E(v, h) = -v W h^T - b v^T - c h^T          p(v, h) = e^-E / Z
    p(h_j = 1 | v) = sigma(v W + c)_j           p(v_i = 1 | h) = sigma(h W^T + b)_i
    F(v) = -b v^T - sum_j softplus((v W + c)_j)                          p(v) = e^-F(v) / Z

Derivation of F: sum_h e^-E(v, h) = e^(b v^T) prod_j (1 + e^(v W + c)_j): each h_j is 0 or 1.

    d log p(v) / dtheta = -dF(v)/dtheta + E_p[dF/dtheta]
    -dF/dW = v^T sigma(v W + c),   -dF/db = v,   -dF/dc = sigma(v W + c)

The expectation over p is a sum over all states. Contrastive divergence (CD-k) replaces it by the
state of a Gibbs chain after k steps from the data; persistent CD (PCD) continues the chains of the
update before. Both are biased for a finite k; `rbm_exact` has the exact gradient for a small RBM.

Sources: Hinton 2002 (CD); Tieleman 2008 (PCD).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.layers import linear, sigmoid
from minigan.objectives import softplus
from minigan.parameters import Parameters
from minigan.theory.relatives.vae import binarised

SPREAD = 0.05


@dataclass(frozen=True)
class RBM:
    """The sizes of an RBM: n visible units and `hidden` hidden units."""

    n: int
    hidden: int

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """W (n, hidden), b (n,) of the visible units and c (hidden,) of the hidden ones."""
        return {"W": (self.n, self.hidden), "b": (self.n,), "c": (self.hidden,)}

    def initial(self, seed: int, stream: str, marginals: Array | None = None) -> Parameters:
        """W uniform on [-0.05, 0.05), c = 0, and b = the logits of the marginals of v, or 0."""
        theta = Parameters.zeros(self.shapes)
        u = draws.generator(seed, f"{stream}/W", 0).random((self.n, self.hidden), dtype=np.float32)
        theta["W"][...] = (2 * u - 1) * np.float32(SPREAD)
        if marginals is not None:
            theta["b"][...] = sigmoid.logit(np.clip(marginals, 0.01, 0.99))
        return theta


def hidden_means(theta: Parameters, v: Array) -> Array:
    """p(h_j = 1 | v) (m, hidden)."""
    return sigmoid.forward(linear.forward(v, theta["W"], theta["c"]))


def visible_means(theta: Parameters, h: Array) -> Array:
    """p(v_i = 1 | h) (m, n)."""
    return sigmoid.forward(linear.forward(h, theta["W"].T, theta["b"]))


def free_energy(theta: Parameters, v: Array) -> Array:
    """F(v) (m,) in nats."""
    F: Array = -(v @ theta["b"]) - softplus(linear.forward(v, theta["W"], theta["c"])).sum(axis=1)
    return F


def mean_statistics(theta: Parameters, v: Array) -> Parameters:
    """-mean dF/dtheta over the rows of v (m, n)."""
    p = hidden_means(theta, v)
    dtheta = Parameters.zeros(theta.shapes, p.dtype)
    linear.backward_params(p / len(v), v, out=(dtheta["W"], dtheta["c"]))
    dtheta["b"][...] = v.mean(axis=0)
    return dtheta


def gibbs(theta: Parameters, v: Array, steps: int, rng: np.random.Generator) -> Array:
    """v (m, n) after `steps` steps of the chain v -> h -> v. Both are drawn in each step."""
    for _ in range(steps):
        h = binarised(hidden_means(theta, v), rng)
        v = binarised(visible_means(theta, h), rng)
    return v


def cd_gradient(theta: Parameters, v: Array, v_model: Array) -> Parameters:
    """The estimate of mean d log p(v) / dtheta, from data v and from states of the chains."""
    dtheta = mean_statistics(theta, v)
    dtheta.vector[...] -= mean_statistics(theta, v_model).vector
    return dtheta


def reconstruction_cross_entropy(theta: Parameters, v: Array) -> float:
    """Mean cross-entropy of the rows of v (m, n) and E[v | E[h | v]], in nats per row."""
    r = linear.forward(hidden_means(theta, v), theta["W"].T, theta["b"])
    return float((softplus(r) - v * r).sum() / len(v))
