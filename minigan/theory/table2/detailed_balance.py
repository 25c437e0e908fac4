"""Changes of an RBM, and whether its Gibbs chain still samples from p: detailed balance.

    p(v)     = sum_h e^-E(v, h) / Z
    T(v, v') = sum_h p(h|v) p(v'|h)                  one Gibbs step
    violation = max |p(v) T(v, v') - p(v') T(v', v)|           0: p is the stationary distribution

    RBM                        E = -v W h^T - b v^T - c h^T
    connections among v        E - v L v^T / 2       but p(v|h) with independent units as before
    connections among h        E - h M h^T / 2       but p(h|v) with independent units as before
    other weights downwards    E with W upwards      but p(v|h) with weights W' of its own

Only in the RBM are the conditionals of the chain those of E. All sums are over all states.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.layers import sigmoid
from minigan.theory.relatives.rbm_exact import all_states

SCALE = 0.7


@dataclass(frozen=True)
class Design:
    """W (n, hidden), L (n, n) among v and M (hidden, hidden) among h, and W (n, hidden) downwards.

    The biases b and c are 0.
    """

    W: Array
    L: Array
    M: Array
    W_down: Array

    def energies(self) -> Array:
        """E (2^n, 2^hidden) of every pair of states."""
        v, h = (all_states(units) for units in self.W.shape)
        among = np.einsum("ai,ij,aj->a", v, self.L, v), np.einsum("bi,ij,bj->b", h, self.M, h)
        E: Array = -v @ self.W @ h.T - among[0][:, None] / 2 - among[1][None] / 2
        return E

    def violation(self) -> float:
        """max |p(v) T(v, v') - p(v') T(v', v)| of the chain with independent units."""
        v, h = (all_states(units) for units in self.W.shape)
        weights = np.exp(-self.energies())
        p = weights.sum(axis=1) / weights.sum()
        h_given_v = _probability(sigmoid.forward(v @ self.W), h)
        v_given_h = _probability(sigmoid.forward(h @ self.W_down.T), v)
        flow = p[:, None] * (h_given_v @ v_given_h)
        return float(abs(flow - flow.T).max())


def designs(n: int, hidden: int, seed: int) -> dict[str, Design]:
    """The RBM and its three changes, with random weights."""
    rng = draws.generator(seed, "table 2/designs", 0)

    def random(rows: int, columns: int) -> Array:
        weights: Array = SCALE * rng.standard_normal((rows, columns))
        return weights

    def among(units: int) -> Array:
        """A symmetric matrix without connections of a unit with itself."""
        upper = np.triu(random(units, units), 1)
        return upper + upper.T

    W, L, M, W_down = random(n, hidden), among(n), among(hidden), random(n, hidden)
    return {
        "RBM": Design(W, 0 * L, 0 * M, W),
        "connections among v": Design(W, L, 0 * M, W),
        "connections among h": Design(W, 0 * L, M, W),
        "other weights downwards": Design(W, 0 * L, 0 * M, W_down),
    }


def _probability(means: Array, states: Array) -> Array:
    """The probability (m, S) of each state under independent units with the means (m, units)."""
    each = np.where(states[None] == 1, means[:, None], 1 - means[:, None])
    product: Array = each.prod(axis=2)
    return product
