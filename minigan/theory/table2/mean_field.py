"""Mean field in a deep Boltzmann machine (DBM), and its KL divergence from the exact posterior.

    E(v, h1, h2) = -v W1 h1^T - h1 W2 h2^T - b v^T - c1 h1^T - c2 h2^T
    a            = v W1 + c1
    p(h1, h2|v)  = e^(a h1^T + h1 W2 h2^T + c2 h2^T) / Z(v)
    q(h1, h2)    = independent units with the means m1 and m2
    m1 = sigma(a + W2 m2),   m2 = sigma(m1 W2 + c2)                  repeated until they settle
    KL(q || p)   = E_q[log q] - a m1^T - m1 W2 m2^T - c2 m2^T + log Z(v)
    Z(v)         = sum_h2 e^(c2 h2^T) prod_j (1 + e^(a + W2 h2)_j)   2^(units of h2) terms

An RBM needs no such approximation: given v, its hidden units are independent. With a second layer
they are not, and the exact posterior has a number of terms that grows as 2^units.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.layers import sigmoid
from minigan.objectives import softplus
from minigan.theory.relatives.rbm_exact import all_states


def mean_field(a: Array, W_2: Array, c_2: Array, sweeps: int) -> tuple[Array, Array]:
    """(m1, m2) after `sweeps` updates of both, from m2 = 1/2; a (m, first) is v W1 + c1."""
    m_2 = np.full((len(a), len(c_2)), 0.5)
    for _ in range(sweeps):
        m_1 = sigmoid.forward(a + m_2 @ W_2.T)
        m_2 = sigmoid.forward(m_1 @ W_2 + c_2)
    return m_1, m_2


def mean_field_KL(a: Array, W_2: Array, c_2: Array, m_1: Array, m_2: Array) -> Array:
    """KL(q || p(h1, h2|v)) (m,) in nats. h2 may have at most 16 units."""
    h_2 = all_states(len(c_2))
    terms = h_2 @ c_2 + softplus(a[:, None] + h_2 @ W_2.T).sum(axis=2)
    largest = terms.max(axis=1)
    log_Z = largest + np.log(np.exp(terms - largest[:, None]).sum(axis=1))
    expected = (a * m_1).sum(axis=1) + ((m_1 @ W_2 + c_2) * m_2).sum(axis=1)
    KL: Array = log_Z - expected - _entropy(m_1) - _entropy(m_2)
    return KL


def _entropy(m: Array) -> Array:
    """The entropy (rows,) in nats of independent units with the means m (rows, units)."""
    a = np.log(m) - np.log1p(-m)
    H: Array = (softplus(a) - m * a).sum(axis=1)
    return H
