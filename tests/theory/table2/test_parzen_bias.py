"""The Parzen estimate of a Gaussian: its limit for many samples, and the densities of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal, norm

from minigan import draws
from minigan.theory.table2 import parzen_bias as module


def test_with_many_samples_the_estimate_is_a_wider_gaussian() -> None:
    s = 0.5
    x = draws.generator(0, "table 2/parzen/test/1", 0).standard_normal((200, 1))
    expected = (norm.logpdf(x, 0, np.sqrt(1 + s**2)) - norm.logpdf(x)).mean()
    bias, sigma = module.parzen_bias(1, 20_000, 200, 0, s)
    assert sigma == s
    assert bias == pytest.approx(expected, abs=0.004)


@pytest.mark.parametrize("d", [1, 3])
def test_the_bias_is_that_of_scipy(d: int) -> None:
    samples, x = (
        draws.generator(2, f"table 2/parzen/{name}/{d}", 0).standard_normal((count, d))
        for name, count in (("samples", 50), ("test", 20))
    )
    window = multivariate_normal(np.zeros(d), 0.3**2)
    estimates = [logsumexp(window.logpdf(one - samples)) - np.log(50) for one in x]
    exact = multivariate_normal(np.zeros(d)).logpdf(x)
    found, _ = module.parzen_bias(d, 50, 20, 2, 0.3)
    assert found == pytest.approx(np.mean(estimates - exact), abs=1e-10)


def test_sigma_is_chosen_on_the_validation_points() -> None:
    grid = np.geomspace(0.05, 2, 24)
    np.testing.assert_array_equal(module.GRID, grid)
    samples, validation = (
        draws.generator(3, f"table 2/parzen/{name}/2", 0).standard_normal((count, 2))
        for name, count in (("samples", 30), ("validation", 20))
    )
    squares = ((validation[:, None] - samples[None]) ** 2).sum(axis=2)
    scores = [(logsumexp(-squares / (2 * s**2), axis=1) - 2 * np.log(s)).mean() for s in grid]
    bias, sigma = module.parzen_bias(2, 30, 20, 3)
    assert sigma == grid[np.argmax(scores)]
    assert bias == module.parzen_bias(2, 30, 20, 3, sigma)[0]


def test_the_error_grows_with_the_dimension_and_sigma_is_inside_the_grid() -> None:
    found = [module.parzen_bias(d, 400, 100, 0) for d in (1, 8, 64, 784)]
    biases = [bias for bias, _ in found]
    assert biases == sorted(biases, reverse=True)
    assert all(module.GRID[0] < sigma < module.GRID[-1] for _, sigma in found)
