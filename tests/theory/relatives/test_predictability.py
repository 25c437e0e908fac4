"""Predictability minimisation: V by hand, its bound, and codes of independent fair bits."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from minigan.arrays import Array
from minigan.layers import Linear, ReLU, Sigmoid
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.theory.relatives import predictability
from minigan.theory.relatives.predictability import Code


def test_x_has_the_four_values_of_two_bits_in_order() -> None:
    np.testing.assert_array_equal(predictability.X, [[-1, -1], [-1, 1], [1, -1], [1, 1]])


def test_V_and_its_gradients_by_hand() -> None:
    # A predictor with W = 0 predicts 1/2 for any input, so nothing passes through it.
    theta = predictability.P.zeros(np.float64)
    y = np.array([[1.0, 0.25], [0.0, 0.5]])
    dy, gradients, V = predictability.predictability_gradients(y, (theta, theta))
    assert V == (0.5**2 + 0.25**2 + 0.5**2 + 0) / 2
    np.testing.assert_allclose(dy, [[0.5, -0.25], [-0.5, 0]])
    # dV / d(logit of predictor i) = sum of 2 (P - y) / m * 1/4
    assert [g["linear2.b"][0] for g in gradients] == [0, 0.25 / 4]


@pytest.mark.parametrize(
    ("bits", "entropies", "information"),
    [
        ([[0, 0, 1, 1], [0, 1, 0, 1]], (1, 1), 0),
        ([[0, 0, 1, 1], [1, 1, 0, 0]], (1, 1), 1),
        ([[0, 1, 1, 0], [0, 1, 0, 1]], (1, 1), 0),  # exclusive or is independent of each bit
        ([[0, 0, 0, 1], [0, 0, 0, 0]], (0.8112781244591328, 0), 0),
    ],
)
def test_entropies_and_mutual_information_by_hand(
    bits: list[list[int]], entropies: tuple[float, float], information: float
) -> None:
    code = Code(np.array(bits).T, 0)
    assert code.entropies == pytest.approx(entropies, abs=1e-12)
    assert code.mutual_information == pytest.approx(information, abs=1e-12)


DEFAULT: tuple[dict[str, int], ...] = ({}, {"seed": 0})


def two_layers(x: Array, vector: Array, outputs: int) -> Array:
    """x -> 8 units, ReLU -> `outputs` units, sigmoid, with autograd's NumPy."""
    n = x.shape[1]
    A, b, C, d = np.split(vector, np.cumsum([8 * n, 8, 8 * outputs]))
    h = anp.maximum(anp.dot(x, A.reshape(n, 8)) + b, 0)
    return 1 / (1 + anp.exp(-(anp.dot(h, C.reshape(8, outputs)) + d)))


def V_by_formulas(code: Array, first: Array, second: Array) -> float:
    y = two_layers(np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), code, 2)
    predicted = anp.concatenate(
        [two_layers(y[:, 1:], first, 1), two_layers(y[:, :1], second, 1)], axis=1
    )
    return anp.sum((predicted - y) ** 2) / 4


def test_the_rounds_of_the_game_follow_the_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    player = predictability._player

    def kept(*arguments: Any) -> Momentum:
        made.append(player(*arguments))
        return made[-1]

    monkeypatch.setattr(predictability, "_player", kept)
    found = predictability.minimise_predictability(seed=5, rounds=3)
    layers = Linear(8, 1.0), ReLU(), Linear(2, 1.0), Sigmoid()
    code = Network(2, layers).initial(5, "predictability/theta_c", np.float64).vector
    layers = Linear(8, 1.0), ReLU(), Linear(1, 1.0), Sigmoid()
    first, second = (
        Network(1, layers).initial(5, f"predictability/theta_p{i}", np.float64).vector
        for i in (1, 2)
    )
    players = [code, first, second]
    velocities = [np.zeros_like(one) for one in players]
    for _ in range(3):
        for _ in range(4):
            gradients = [grad(V_by_formulas, i)(*players) for i in (1, 2)]
            for i in (1, 2):
                velocities[i] = 0.9 * velocities[i] - 0.2 * gradients[i - 1]
                players[i] = players[i] + velocities[i]
        V = V_by_formulas(*players)
        velocities[0] = 0.9 * velocities[0] + 0.05 * grad(V_by_formulas)(*players)
        players[0] = players[0] + velocities[0]
    for one, expected in zip(made, players, strict=True):
        np.testing.assert_allclose(one.theta.vector, expected, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(found.V, V, rtol=1e-12)
    bits = two_layers(predictability.X, players[0], 2) > 0.5
    np.testing.assert_array_equal(found.bits, bits)
    assert found.bits.dtype == int


def test_the_defaults_are_400_rounds_of_seed_0(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (predictability.minimise_predictability(rounds=1, **seed) for seed in DEFAULT)
    assert first.V == second.V
    calls = []

    def counted(y: Array, thetas: tuple[Parameters, Parameters]) -> tuple[Any, ...]:
        calls.append(thetas)
        return np.zeros((4, 2)), thetas, 0.25

    monkeypatch.setattr(Momentum, "ascend", lambda self, gradient: None)
    monkeypatch.setattr(Momentum, "descend", lambda self, gradient: None)
    monkeypatch.setattr(predictability, "predictability_gradients", counted)
    assert predictability.minimise_predictability().V == 0.25
    assert len(calls) == 400 * (4 + 1)
    with pytest.raises(FrozenInstanceError):
        first.V = 0  # type: ignore[misc]


def test_without_rounds_V_is_not_a_number() -> None:
    assert np.isnan(predictability.minimise_predictability(rounds=0).V)


def test_a_unit_of_one_half_is_the_bit_0(monkeypatch: pytest.MonkeyPatch) -> None:
    player = predictability._player

    def zeros(*arguments: Any) -> Momentum:
        made = player(*arguments)
        made.theta.vector[...] = 0
        return made

    monkeypatch.setattr(predictability, "_player", zeros)
    assert not predictability.minimise_predictability(rounds=0).bits.any()


def test_a_code_becomes_two_independent_fair_bits_with_V_near_its_bound() -> None:
    code = predictability.minimise_predictability(seed=0, rounds=150)
    assert code.entropies == (1, 1)
    assert code.mutual_information == 0
    assert 0.49 < code.V < 0.5


def test_the_other_sign_of_the_game_gives_a_predictable_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = predictability.predictability_gradients

    def helpful(y, thetas):  # type: ignore[no-untyped-def]
        dy, gradients, V = right(y, thetas)
        return -dy, gradients, V

    monkeypatch.setattr(predictability, "predictability_gradients", helpful)
    assert predictability.minimise_predictability(seed=0, rounds=150).V < 0.05
