"""The Parzen estimate on the line, for uniform densities: their log p is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from minigan import draws
from minigan.theory.table2 import parzen_line as module


def test_the_density_of_a_bin_is_its_mass_over_its_width() -> None:
    edges, masses = np.array([0.0, 1, 3, 4]), np.array([0.25, 0.5, 0.2])
    x = np.array([0.5, 1, 2.9, 3, 4, 4 + 1e-9, 0, -1e-9])  # two are outside by a rounding error
    found = module.log_density_of_bins(x, edges, masses)
    expected = [0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.25, 0.25]
    np.testing.assert_allclose(np.exp(found), expected)


def test_the_bias_is_the_estimate_minus_the_known_log_density() -> None:
    u = draws.generator(0, "line", 0).random((3, 400))
    samples, validation, test = 5 + 2 * u  # uniform on (5, 7): log p = -log 2
    edges, masses = np.linspace(5, 7, 11), np.full(10, 0.1)
    bias, sigma = module.parzen_bias_on_the_line(samples, validation, test, edges, masses)
    squares = (test[:, None] - samples) ** 2
    window = np.exp(-squares / (2 * sigma**2)) / sigma / np.sqrt(2 * np.pi)
    expected = np.log(window.mean(axis=1)).mean() + np.log(2)
    assert bias == pytest.approx(expected, abs=1e-9)
    assert -0.1 < bias < 0
    grid = np.geomspace(0.005, 0.5, 21)
    np.testing.assert_array_equal(module.LINE_GRID, grid)
    squares = (validation[:, None] - samples) ** 2
    scores = [
        (np.log(np.exp(-squares / (2 * s**2)).mean(axis=1)) - np.log(s)).mean() for s in grid[4:]
    ]
    assert sigma == grid[4 + np.argmax(scores)]


def test_sigma_and_the_bias_of_two_samples() -> None:
    # Far from 0, where float32 has no digits for the distances 0.1 and 0.2: sigma^2 is the mean
    # of their squares, 0.025.
    samples = np.array([1000.0, 1010])
    validation, test = np.array([1000.1, 1010.2]), np.array([1000.3, 1010])
    edges, masses = np.array([995.0, 1005, 1015]), np.array([0.25, 0.75])
    bias, sigma = module.parzen_bias_on_the_line(samples, validation, test, edges, masses)
    assert sigma == pytest.approx(math.sqrt(0.025), rel=1e-12)
    estimates = norm.logpdf([0.3, 0], 0, sigma) - math.log(2)
    # a squared distance is a difference of numbers of the size 10^6: float64 rounds it by 1e-10
    assert bias == pytest.approx((estimates - np.log(masses / 10)).mean(), abs=1e-7)
