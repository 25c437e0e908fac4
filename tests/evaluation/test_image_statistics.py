"""The four numbers tell samples like the data from copies, noise and averages."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial import cKDTree

from minigan.evaluation.image_statistics import TRAINING, baselines, image_statistics

SHAPE = (4, 4, 1)


@pytest.fixture(scope="module")
def data():
    """300 training and 100 held-out images with correlated pixels and mean 1."""
    rng = np.random.default_rng(0)
    mix = rng.standard_normal((16, 16)) * np.arange(1, 17)[:, None]
    x = (rng.standard_normal((400, 16)) @ mix + 1).astype(np.float32)
    return x[:300], x[300:]


@pytest.fixture(scope="module")
def rows(data):
    train, held_out = data
    noise = np.random.default_rng(1).standard_normal((50, 16)).astype(np.float32) * 100
    sets = {"held out": held_out, "copies": train[100:150], "noise": noise}
    sets |= dict(baselines(train, 100))
    return {row.name: row for row in image_statistics(sets, train, held_out, SHAPE)}


def test_the_sets_are_samples_and_baselines(rows):
    names = ["held out", "copies", "noise"]
    assert list(rows) == [*names, TRAINING, "mean image", "k-means, 100 centres", "Gaussian"]


def test_nearest_is_relative_to_held_out_images(rows, data):
    train, held_out = data
    assert rows["held out"].nearest == 1
    assert rows["copies"].nearest == 0
    tree = cKDTree(train)
    to_others = tree.query(train[:100], k=2)[0][:, 1]
    of_held_out, _ = tree.query(held_out)
    expected = np.median(to_others) / np.median(of_held_out)
    assert rows[TRAINING].nearest == pytest.approx(expected, rel=1e-5)


def test_the_gaussian_has_the_moments_of_the_data(data):
    train, _ = data
    x = dict(baselines(train, 20_000))["Gaussian"]
    scale = np.abs(np.cov(train.T)).max()
    np.testing.assert_allclose(np.cov(x.T), np.cov(train.T, ddof=0), atol=0.06 * scale)
    np.testing.assert_allclose(x.mean(axis=0), train.mean(axis=0), atol=0.05 * scale**0.5)


def test_an_average_has_no_variance_and_the_data_are_nearest_to_themselves(rows):
    assert math.isnan(rows["mean image"].components)
    assert rows[TRAINING].frechet < rows["mean image"].frechet
    assert rows["Gaussian"].frechet < rows["noise"].frechet
    assert rows[TRAINING].components == pytest.approx(rows["Gaussian"].components, abs=0.05)
