"""Predictability minimisation: V by hand, its bound, and codes of independent fair bits."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.theory.relatives import predictability
from minigan.theory.relatives.predictability import Code


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
