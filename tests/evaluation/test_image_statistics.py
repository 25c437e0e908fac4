"""The four numbers tell samples like the data from copies, noise and averages."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.spatial import cKDTree

from minigan.draws import generator
from minigan.evaluation.frechet import frechet_distance
from minigan.evaluation.image_statistics import (
    TRAINING,
    ImageStatistics,
    baselines,
    image_statistics,
)
from minigan.evaluation.parzen import squared_distances
from minigan.evaluation.principal import principal_components, variance_share
from minigan.evaluation.spectrum import spectrum_slope

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
    assert list(rows) == [
        *names,
        "training images",
        "mean image",
        "k-means, 100 centres",
        "Gaussian",
    ]


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


def test_the_four_numbers_are_those_of_the_set_and_of_as_many_last_training_images(rows, data):
    """4 x 4 images are not averaged."""
    train, held_out = data
    noise = np.random.default_rng(1).standard_normal((50, 16)).astype(np.float32) * 100
    tree = cKDTree(train)
    expected = ImageStatistics(
        "noise",
        pytest.approx(np.median(tree.query(noise)[0]) / np.median(tree.query(held_out)[0])),
        pytest.approx(frechet_distance(noise, train[-50:])),
        pytest.approx(variance_share(noise, principal_components(train))),
        pytest.approx(spectrum_slope(noise, SHAPE)),
    )
    assert rows["noise"] == expected
    with pytest.raises(FrozenInstanceError):
        rows["noise"].nearest = 0.0


def test_a_training_image_may_be_nearest_to_the_first_and_to_the_last_of_the_others():
    train = np.array([[0], [100], [1], [50], [103]], np.float32) * np.ones(4, np.float32)
    held_out = np.array([[2, 2, 2, 3]], np.float32)  # at a distance of sqrt 7 from the third
    (row,) = image_statistics({TRAINING: train[:2]}, train, held_out, (2, 2, 1))
    assert row.nearest == pytest.approx((2 + 6) / 2 / 7**0.5)
    held_out = train[:3]
    (row,) = image_statistics({TRAINING: train[:2]}, train, held_out, (2, 2, 1))
    assert math.isnan(row.nearest)  # no distance to divide by


def lloyd(x, k, iterations):
    """The centres after some iterations, one cluster at a time."""
    centres = x[generator(0, "k-means", k).permutation(len(x))[:k]]
    for _ in range(iterations):
        nearest = squared_distances(x, centres).argmin(axis=1)
        clusters = [x[nearest == i] for i in range(k)]
        means = [one.mean(axis=0, dtype=np.float64) for one in clusters]
        centres = np.array(means, np.float32)
    return centres


def test_the_baselines_are_those_of_a_loop(data):
    """Rows of the data, their mean, centres of clusters, and random sums of the centred images."""
    train, count = data[0], 7
    found = dict(baselines(train, count))
    assert all(x.dtype == np.float32 and x.shape == (count, 16) for x in found.values())
    x = train.astype(np.float64)
    np.testing.assert_array_equal(found[TRAINING], train[:count])
    np.testing.assert_allclose(found["mean image"], [x.mean(axis=0)] * count, rtol=1e-6)
    rng = generator(0, "image-statistics", 0)
    chosen = lloyd(train, 100, 10)[rng.integers(0, 100, count)]
    np.testing.assert_allclose(found["k-means, 100 centres"], chosen, rtol=1e-4, atol=1e-3)
    weights = rng.standard_normal((count, 300))
    expected = weights @ (x - x.mean(axis=0)) / 300**0.5 + x.mean(axis=0)
    np.testing.assert_allclose(found["Gaussian"], expected, rtol=1e-4, atol=1e-3)


def test_k_means_has_ten_iterations():
    """On 2,000 numbers in random places, the centres still move in the next iteration."""
    x = np.random.default_rng(3).random((2000, 1), np.float32)
    found = dict(baselines(x, 200))["k-means, 100 centres"]
    after_10, after_11 = (abs(found - lloyd(x, 100, n).T).min(axis=1).max() for n in (10, 11))
    assert after_10 < 1e-6
    assert after_11 > 1e-4


def test_few_images_have_half_as_many_centres_and_a_set_has_1000_images():
    x = np.random.default_rng(2).random((9, 4), np.float32)
    assert list(dict(baselines(x, 2)))[2] == "k-means, 4 centres"
    assert len(next(baselines(np.zeros((2001, 4), np.float32)))[1]) == 1000


def test_the_mean_image_is_rounded_once():
    """The mean of 0, 2 and 2 is 4/3, of which 2^24 + 2 is the nearest number in float32."""
    x = np.float32(2**24) + np.array([[0], [2], [2]], np.float32)
    assert dict(baselines(x, 1))["mean image"].item() == 2**24 + 2


def test_an_average_has_no_variance_and_the_data_are_nearest_to_themselves(rows):
    assert math.isnan(rows["mean image"].components)
    assert rows[TRAINING].frechet < rows["mean image"].frechet
    assert rows["Gaussian"].frechet < rows["noise"].frechet
    assert rows[TRAINING].components == pytest.approx(rows["Gaussian"].components, abs=0.05)
