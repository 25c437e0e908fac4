"""The rows of maximum likelihood and of W1, and the largest difference of means by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from minigan import objectives
from minigan.objectives import Objective
from minigan.theory import later_statements, w1
from minigan.theory.two_masses import LossesOfG


@pytest.mark.parametrize("seed", range(5))
def test_every_residual_is_rounding_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [
        *later_statements.maximum_likelihood_rows(rng),
        *later_statements.wasserstein_rows(rng),
    ]
    assert len(rows) == 7
    for row in rows:
        assert row.residual <= 2e-15, row


def drawn(rng: np.random.Generator) -> tuple[Any, Any]:
    """p_data, and p_g = softmax of eight normal numbers."""
    p_data, theta_g = rng.dirichlet(np.ones(8)), rng.normal(size=8)
    return p_data, np.exp(theta_g) / np.exp(theta_g).sum()


def test_the_gradient_of_KL_is_p_g_minus_p_data() -> None:
    (row,) = later_statements.maximum_likelihood_rows(np.random.default_rng(3))
    p_data, p_g = drawn(np.random.default_rng(3))
    worst = int(np.argmin(abs(p_g - p_data - row.expected)))
    assert abs((p_g - p_data)[worst] - [row.number, row.expected]).max() < 1e-15
    assert row.name == "maximum likelihood G"
    assert row.formula == "gradient of E[-e^a] = that of KL(p_data||p_g)"


@pytest.mark.parametrize(
    ("wrong", "loss"),
    [
        (objectives.minimax, lambda D: np.log(1 - D)),
        (objectives.non_saturating, lambda D: -np.log(D)),
    ],
)
@pytest.mark.parametrize("seed", [0, 4, 6])  # in 4 and 6, the largest sum is at another point
def test_another_objective_has_another_gradient(
    wrong: Objective, loss: Callable[[Any], Any], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later_statements, "maximum_likelihood", wrong)
    (row,) = later_statements.maximum_likelihood_rows(np.random.default_rng(seed))
    p_data, p_g = drawn(np.random.default_rng(seed))
    h = loss(p_data / (p_data + p_g))
    gradient = p_g * (h - (p_g * h).sum())
    worst = int(np.argmax(abs(gradient - (p_g - p_data))))
    assert row.number == pytest.approx(gradient[worst], abs=1e-14)
    assert row.expected == pytest.approx((p_g - p_data)[worst], abs=1e-14)
    assert row.residual > 0.01


def test_the_rows_of_w1_have_these_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    theta = rng.uniform(0.5, 2)
    x = np.cumsum(rng.uniform(0.1, 1, 8))
    p, q = rng.dirichlet(np.ones(8), size=2)
    W1 = pytest.approx(wasserstein_distance(x, x, p, q), rel=1e-14)
    monkeypatch.setattr(later_statements, "losses", lambda t: LossesOfG(jsd=2 * t, w1=3 * t))
    monkeypatch.setattr(later_statements, "loss_slopes", lambda t: LossesOfG(jsd=5 * t, w1=7 * t))
    rows = later_statements.wasserstein_rows(np.random.default_rng(3))
    assert [(row.name, row.formula, row.number, row.expected) for row in rows] == [
        ("two masses, JSD", "JSD = log 2", 2 * theta, pytest.approx(0.6931471805599453, rel=1e-15)),
        ("two masses, slope of JSD", "dJSD/dtheta = 0", 5 * theta, 0),
        ("two masses, W1", "W1 = |theta|", 3 * theta, theta),
        ("two masses, slope of W1", "dW1/dtheta = 1", 7 * theta, 1),
        ("two masses, slope at -theta", "dW1/dtheta = -1", -7 * theta, -1),
        ("W1, Kantorovich-Rubinstein", "W1 = max E_data[f] - E_g[f], |f'| <= 1", W1, W1),
    ]


def test_a_wrong_w1_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(later_statements, "w1", lambda x, p_data, p_g: w1(x, p_data, p_g) + 0.25)
    *_, row = later_statements.wasserstein_rows(np.random.default_rng(3))
    assert row.number - row.expected == pytest.approx(0.25, abs=1e-14)


def test_the_largest_difference_of_means_by_hand() -> None:
    # f = 0, -1, 1: the slope -1 in the gap where F is larger, 1 where F_g is larger
    x, p_data, p_g = np.array([0.0, 1, 3]), np.array([0.5, 0, 0.5]), np.array([0, 1.0, 0])
    largest = later_statements.largest_difference_of_means(x, p_data, p_g)
    assert largest == 0.5 * 0 + 0.5 * 1 - (-1)
