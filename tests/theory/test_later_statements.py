"""The rows of maximum likelihood and of W1, and the largest difference of means by hand."""

from __future__ import annotations

import numpy as np
import pytest

from minigan import objectives
from minigan.objectives import Objective
from minigan.theory import later_statements


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


@pytest.mark.parametrize("wrong", [objectives.minimax, objectives.non_saturating])
def test_another_objective_has_another_gradient(
    wrong: Objective, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later_statements, "maximum_likelihood", wrong)
    (row,) = later_statements.maximum_likelihood_rows(np.random.default_rng(0))
    assert row.residual > 0.01


def test_the_gradient_of_KL_is_p_g_minus_p_data() -> None:
    (row,) = later_statements.maximum_likelihood_rows(np.random.default_rng(3))
    rng = np.random.default_rng(3)
    p_data, theta_g = rng.dirichlet(np.ones(8)), rng.normal(size=8)
    p_g = np.exp(theta_g) / np.exp(theta_g).sum()
    assert abs(p_g - p_data - row.expected).min() < 1e-15


def test_the_largest_difference_of_means_by_hand() -> None:
    # f = 0, -1, 1: the slope -1 in the gap where F is larger, 1 where F_g is larger
    x, p_data, p_g = np.array([0.0, 1, 3]), np.array([0.5, 0, 0.5]), np.array([0, 1.0, 0])
    largest = later_statements.largest_difference_of_means(x, p_data, p_g)
    assert largest == 0.5 * 0 + 0.5 * 1 - (-1)
