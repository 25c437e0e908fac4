"""The cosine of CD-1 against sums over all states, which need no random numbers."""

from __future__ import annotations

import numpy as np
import pytest

from minigan import draws
from minigan.parameters import Parameters
from minigan.theory.relatives import rbm, rbm_exact
from minigan.theory.relatives.rbm import RBM
from minigan.theory.table2.contrastive import cosine_of_CD


@pytest.mark.parametrize("k", [1, 3])
def test_the_cosine_is_that_of_the_expected_gradient(k: int) -> None:
    theta = Parameters.zeros(RBM(5, 4).shapes, np.float64)
    theta.assign(2.0 * draws.generator(0, "exact", 5).standard_normal(theta.vector.size))
    states = rbm_exact.all_states(5)
    data = states[[3, 17, 30, 7]]
    exact = rbm_exact.log_likelihood_gradient(theta, data).vector
    _, T = rbm_exact.transition_matrix(theta)
    start = np.array([(data == state).all(axis=1).mean() for state in states])
    each = np.stack([rbm.mean_statistics(theta, state[None]).vector for state in states])
    g = (start - start @ np.linalg.matrix_power(T, k)) @ each
    expected = g @ exact / np.linalg.norm(g) / np.linalg.norm(exact)
    assert cosine_of_CD(theta, data, k, repeats=5000, seed=0) == pytest.approx(expected, abs=0.005)
    assert 0.9 < expected < 0.9999


def test_the_chains_start_at_every_row_of_the_data() -> None:
    theta = Parameters.zeros(RBM(5, 4).shapes)
    theta.assign(draws.generator(0, "exact", 5).standard_normal(theta.vector.size))
    data = rbm_exact.all_states(5)[[3, 17, 30]].astype(np.float32)
    start = np.concatenate([data] * 4)
    ends = rbm.gibbs(theta, start, 2, draws.generator(7, "table 2/CD", 0))
    g = rbm.mean_statistics(theta, data).vector - rbm.mean_statistics(theta, ends).vector
    exact = rbm_exact.log_likelihood_gradient(theta, data).vector
    a, b = g.astype(float), exact.astype(float)
    expected = (a @ b) / np.sqrt((a @ a) * (b @ b))
    assert cosine_of_CD(theta, data, 2, repeats=4, seed=7) == pytest.approx(expected, rel=1e-12)
