"""The priors have mean 0, variance 1 and the named distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from minigan import draws
from minigan.draws import noise

SQRT_3 = 3**0.5
SCIPY = {"uniform": stats.uniform(-SQRT_3, 2 * SQRT_3), "gaussian": stats.norm()}


def z(kind, m=20_000, size=4, seed=0):
    return noise.PRIORS[kind](draws.generator(seed, "noise/test", 0), m, size)


def test_the_priors_have_the_names_of_the_recipes():
    assert list(noise.PRIORS.values()) == [noise.uniform, noise.gaussian, noise.on_sphere]
    assert list(noise.PRIORS) == ["uniform", "gaussian", "spherical"]


@pytest.mark.parametrize("kind", noise.PRIORS)
def test_noise_is_float32_of_the_requested_shape(kind):
    assert (z(kind, 5, 3).shape, z(kind, 5, 3).dtype) == ((5, 3), np.float32)


@pytest.mark.parametrize("kind", SCIPY)
def test_noise_has_the_named_distribution(kind):
    for column in z(kind).T:
        assert stats.kstest(column.astype(float), SCIPY[kind].cdf).pvalue > 0.001


@pytest.mark.parametrize("kind", noise.PRIORS)
def test_coordinates_have_mean_0_variance_1_and_are_uncorrelated(kind):
    sample = z(kind).astype(float)
    np.testing.assert_allclose(sample.mean(axis=0), 0, atol=4 / 20_000**0.5)
    np.testing.assert_allclose(np.cov(sample.T), np.eye(4), atol=0.03)


def test_uniform_noise_is_inside_the_open_interval_and_approaches_both_ends():
    sample = z("uniform").astype(float)
    assert -SQRT_3 < sample.min() < -0.999 * SQRT_3
    assert 0.999 * SQRT_3 < sample.max() < SQRT_3

    class Extremes:
        def random(self, shape, dtype):
            return np.array([[0, 1 - 2**-24]], dtype=dtype)

    low, high = noise.uniform(Extremes(), 1, 2)[0].astype(float)
    assert -SQRT_3 < low < high < SQRT_3


def test_uniform_noise_is_computed_from_24_bits_of_the_raw_words():
    words = draws.philox(3, "noise/D", 7).random_raw(6)
    k = [int(word) >> shift & (2**32 - 1) for word in words for shift in (0, 32)]
    expected = np.array([(2 * (number >> 8) / 2**24 - 1) * SQRT_3 for number in k]).reshape(4, 3)
    sample = noise.uniform(draws.generator(3, "noise/D", 7), 4, 3)
    np.testing.assert_allclose(sample, expected, rtol=3e-7, atol=0)


def test_the_sign_of_gaussian_noise_is_bit_8_of_each_half_of_the_raw_words():
    """As in NumPy's ziggurat method, if no number is drawn again; none of these is."""
    words = draws.philox(3, "noise/D", 7).random_raw(6)
    halves = [int(word) >> shift & (2**32 - 1) for word in words for shift in (0, 32)]
    expected = np.array([half >> 8 & 1 for half in halves], dtype=bool).reshape(4, 3)
    assert expected.any()
    assert not expected.all()
    sample = noise.gaussian(draws.generator(3, "noise/D", 7), 4, 3)
    np.testing.assert_array_equal(sample < 0, expected)


def test_spherical_noise_is_gaussian_noise_on_the_sphere_of_its_mean_square():
    sample, normal = z("spherical").astype(float), z("gaussian").astype(float)
    np.testing.assert_allclose(np.square(sample).sum(axis=1), 4, rtol=1e-6)
    length = np.sqrt(np.square(normal).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(sample, 2 * normal / length, rtol=1e-6)
    # On the sphere in three dimensions, each coordinate is uniform (Archimedes).
    for column in z("spherical", size=3).T:
        assert stats.kstest(column.astype(float), SCIPY["uniform"].cdf).pvalue > 0.001


def test_a_direction_of_length_0_stays_0():
    class Zeros:
        def standard_normal(self, shape, dtype):
            return np.array([[0, 0], [3e-7, 4e-7], [3e-8, 4e-8]], dtype=dtype)

    with np.errstate(all="raise"):
        rows = noise.on_sphere(Zeros(), 3, 2)
    # Below the length 1e-7 a row is divided by 1e-7.
    expected = np.sqrt(2) * np.array([[0, 0], [0.6, 0.8], [0.3, 0.4]])
    np.testing.assert_allclose(rows, expected, rtol=1e-6)
