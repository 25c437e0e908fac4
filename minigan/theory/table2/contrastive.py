"""The direction of CD-k against that of the exact gradient of the log-likelihood of an RBM.

    g      = mean d log p(v) / dtheta                exact: a sum over all hidden states
    g_k    = -dF/dtheta at the data, minus that after k Gibbs steps, mean over many chains
    cosine = g . g_k / (|g| |g_k|)

The difference is the gradient of the partition function, which CD-k replaces by a short chain.
"""

from __future__ import annotations

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.parameters import Parameters
from minigan.theory.relatives.rbm import cd_gradient, gibbs
from minigan.theory.relatives.rbm_exact import log_likelihood_gradient


def cosine_of_CD(theta: Parameters, v: Array, k: int, repeats: int, seed: int) -> float:
    """The cosine of CD-k and the exact gradient, with `repeats` chains from each row of v."""
    exact = log_likelihood_gradient(theta, v).vector.astype(np.float64)
    chains = gibbs(theta, np.tile(v, (repeats, 1)), k, draws.generator(seed, "table 2/CD", 0))
    found = cd_gradient(theta, v, chains).vector.astype(np.float64)
    return float(exact @ found / np.linalg.norm(exact) / np.linalg.norm(found))
