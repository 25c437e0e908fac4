"""The share of variance is that of scikit-learn's definition and 1 for all components."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.evaluation.principal import principal_components, variance_share


def test_the_share_is_that_of_the_singular_values():
    x = np.random.default_rng(0).standard_normal((50, 6)) * np.arange(1, 7)
    s = np.linalg.svd(x - x.mean(axis=0), compute_uv=False)
    found = variance_share(x, principal_components(x, 2))
    assert found == pytest.approx((s[:2] ** 2).sum() / (s**2).sum(), rel=1e-9)
    assert variance_share(x, principal_components(x, 6)) == pytest.approx(1)


def test_the_components_are_those_of_the_data_and_not_of_the_set():
    data = np.array([[3.0, 0], [-3, 0], [0, 1], [0, -1]])
    other = np.array([[1.0, 3], [-1, -3]])
    assert variance_share(other, principal_components(data, 1)) == pytest.approx(1 / 10)


def test_there_are_ten_components_of_unit_length():
    components = principal_components(np.random.default_rng(1).standard_normal((40, 21)))
    assert np.allclose(components.T @ components, np.eye(10), rtol=0, atol=1e-12)


def test_the_variance_is_that_around_the_exact_mean():
    """Around 2^24 + 8/3 and 2^24 + 2, which float32 does not have: 56/3 of 56/3 + 8."""
    x = np.float32(2**24) + np.array([[0, 2], [2, 0], [6, 4]], np.float32)
    assert variance_share(x, np.array([[1.0], [0]])) == pytest.approx(0.7, rel=1e-12)


def test_without_variance_there_is_no_share():
    assert math.isnan(variance_share(np.ones((3, 2)), np.eye(2)[:, :1]))
