"""Changes of an RBM: energies by their definition, and the chain by its transition matrix."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from itertools import product

import numpy as np
import pytest

from minigan import draws
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


def test_the_designs_share_the_weights_of_one_stream() -> None:
    rng = draws.generator(5, "table 2/designs", 0)
    W = 0.7 * rng.standard_normal((4, 3))
    L, M = (np.triu(0.7 * rng.standard_normal((units, units)), 1) for units in (4, 3))
    W_down, none_v, none_h = 0.7 * rng.standard_normal((4, 3)), np.zeros((4, 4)), np.zeros((3, 3))
    expected = {
        "RBM": (W, none_v, none_h, W),
        "connections among v": (W, L + L.T, none_h, W),
        "connections among h": (W, none_v, M + M.T, W),
        "other weights downwards": (W, none_v, none_h, W_down),
    }
    found = designs(4, 3, 5)
    assert found.keys() == expected.keys()
    for name, matrices in expected.items():
        one = found[name]
        for matrix, right in zip((one.W, one.L, one.M, one.W_down), matrices, strict=True):
            np.testing.assert_array_equal(matrix, right)
    with pytest.raises(FrozenInstanceError):
        found["RBM"].W = W_down  # type: ignore[misc]


def test_the_violation_of_two_units_by_a_sum_over_states() -> None:
    W, L, M, W_down = (
        np.array(one)
        for one in (
            [[1.0, -2], [0.5, 1]],
            [[0, 0.7], [0.7, 0]],
            [[0, -1.2], [-1.2, 0]],
            [[2.0, 1], [-1, 0.3]],
        )
    )
    states = list(product((0, 1), repeat=2))

    def chance(state: tuple[int, ...], a: np.ndarray) -> float:
        p = 1 / (1 + np.exp(-a))
        return float(np.prod([p[i] if one else 1 - p[i] for i, one in enumerate(state)]))

    weights = [
        sum(np.exp(v @ W @ h + v @ L @ v / 2 + h @ M @ h / 2) for h in map(np.array, states))
        for v in map(np.array, states)
    ]
    p = np.array(weights) / sum(weights)
    T = [
        [
            sum(chance(h, np.array(v) @ W) * chance(after, W_down @ np.array(h)) for h in states)
            for after in states
        ]
        for v in states
    ]
    worst = max(abs(p[i] * T[i][j] - p[j] * T[j][i]) for i in range(4) for j in range(4))
    assert Design(W, L, M, W_down).violation() == pytest.approx(worst, rel=1e-12)


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
