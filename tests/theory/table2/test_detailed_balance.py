"""Changes of an RBM: energies by their definition, and the chain by its transition matrix."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from minigan.parameters import Parameters
from minigan.theory.relatives import rbm_exact
from minigan.theory.relatives.rbm import RBM
from minigan.theory.table2.detailed_balance import Design, designs


def test_the_energies_are_sums_over_pairs_of_units() -> None:
    W, L, M = (
        np.array(one) for one in ([[1.0, 2], [3, 4]], [[0, 5.0], [5, 0]], [[0, 7.0], [7, 0]])
    )
    energies = Design(W, L, M, W).energies()
    for i, v in enumerate(product((0, 1), repeat=2)):
        for j, h in enumerate(product((0, 1), repeat=2)):
            expected = -sum(W[a, b] * v[a] * h[b] for a in (0, 1) for b in (0, 1))
            assert energies[i, j] == expected - 5 * v[0] * v[1] - 7 * h[0] * h[1]


def test_the_chain_of_an_RBM_is_that_of_its_transition_matrix_and_is_balanced() -> None:
    one = designs(4, 3, 0)["RBM"]
    theta = Parameters.zeros(RBM(4, 3).shapes, np.float64)
    theta["W"][...] = one.W
    p, T = rbm_exact.transition_matrix(theta)
    weights = np.exp(-one.energies()).sum(axis=1)
    np.testing.assert_allclose(weights / weights.sum(), p, rtol=1e-12)
    assert one.violation() < 1e-16
    # another E for the same chain: the violation is that of this p and that T
    other = Design(one.W, designs(4, 3, 0)["connections among v"].L, one.M, one.W)
    weights = np.exp(-other.energies()).sum(axis=1)
    flow = (weights / weights.sum())[:, None] * T
    assert other.violation() == pytest.approx(abs(flow - flow.T).max(), rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_each_change_breaks_the_balance(seed: int) -> None:
    found = {name: one.violation() for name, one in designs(5, 4, seed).items()}
    assert found.pop("RBM") < 1e-15
    assert len(found) == 3
    assert min(found.values()) > 1e-4


def test_the_connections_within_a_layer_are_symmetric_and_none_is_with_itself() -> None:
    for name, matrix in (("connections among v", "L"), ("connections among h", "M")):
        one = getattr(designs(5, 4, 0)[name], matrix)
        np.testing.assert_array_equal(one, one.T)
        assert not one.diagonal().any()
        assert np.count_nonzero(one) == one.size - len(one)
