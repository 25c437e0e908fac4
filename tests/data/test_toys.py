"""A toy density integrates to 1, and its samples follow it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from minigan import draws
from minigan.data import toys
from minigan.data.toys import Mixture

LINE = {
    "normal": toys.normal_density(0.5, 0.7),
    "two bumps": toys.two_bumps(3.0, 0.4),
    "one peak": toys.one_peak(),
    "unequal": Mixture(np.array([[-1.0], [2.0]]), 0.5, np.array([0.2, 0.8])),
}
PLANE = {"ring": toys.ring(6, 1.5, 0.3), "grid": toys.grid(3, 0.9, 0.25)}


def mixture_of(toy, x, method):
    """sum_j w_j f_j(x) with SciPy's normal densities or distribution functions."""
    return sum(
        w * getattr(stats.norm(mean[0], toy.s), method)(x)
        for w, mean in zip(toy.weights, toy.means, strict=True)
    )


def rng():
    return draws.generator(0, "toys", 0)


@pytest.mark.parametrize("name", LINE)
def test_a_density_on_the_line_integrates_to_1(name):
    x = np.linspace(-9, 9, 4001)
    p = LINE[name].density(x[:, None])
    assert (p.shape, p.dtype) == ((4001,), np.float64)
    assert np.trapezoid(p, x) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("name", PLANE)
def test_a_density_in_the_plane_integrates_to_1(name):
    line = np.linspace(-4, 4, 201)
    x = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    p = PLANE[name].density(x)
    assert p.sum() * (line[1] - line[0]) ** 2 == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("name", LINE)
def test_a_density_on_the_line_equals_that_of_scipy(name):
    x = np.linspace(-4, 4, 33)
    expected = mixture_of(LINE[name], x, "pdf")
    np.testing.assert_allclose(LINE[name].density(x[:, None]), expected, rtol=1e-12)


@pytest.mark.parametrize("name", PLANE)
def test_a_density_in_the_plane_equals_that_of_scipy(name):
    toy, x = PLANE[name], np.random.default_rng(1).uniform(-2, 2, (50, 2))
    expected = sum(
        w * stats.multivariate_normal(mean, toy.s**2 * np.eye(2)).pdf(x)
        for w, mean in zip(toy.weights, toy.means, strict=True)
    )
    np.testing.assert_allclose(toy.density(x), expected, rtol=1e-12)


@pytest.mark.parametrize("name", LINE)
def test_samples_on_the_line_follow_the_density(name):
    toy = LINE[name]
    x = toy.sample(rng(), 5000)
    assert (x.shape, x.dtype) == ((5000, 1), np.float64)
    assert stats.kstest(x[:, 0], lambda t: mixture_of(toy, t, "cdf")).pvalue > 0.01
    counts, edges = np.histogram(x, bins=40)
    for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True):
        middle = np.linspace(low, high, 21)
        mass = np.trapezoid(toy.density(middle[:, None]), middle)
        assert abs(count / 5000 - mass) < 5 * math.sqrt(mass / 5000) + 1e-3


@pytest.mark.parametrize("name", PLANE)
def test_samples_in_the_plane_are_uniform_over_the_modes_and_normal_around_them(name):
    toy = PLANE[name]
    x = toy.sample(rng(), 4000)
    offsets = x[:, None, :] - toy.means
    nearest = np.square(offsets).sum(axis=-1).argmin(axis=1)
    assert stats.chisquare(np.bincount(nearest, minlength=len(toy.means))).pvalue > 0.01
    modes = np.random.Generator(rng().bit_generator).choice(len(toy.weights), 4000, p=toy.weights)
    z = (x - toy.means[modes]) / toy.s
    for column in z.T:
        assert stats.kstest(column, "norm").pvalue > 0.01
    assert abs(np.corrcoef(z.T)[0, 1]) < 0.06


def test_the_weights_are_the_frequencies_of_the_modes():
    x = LINE["unequal"].sample(rng(), 5000)
    assert np.mean(x < 0.5) == pytest.approx(0.2, abs=0.02)


def test_the_means_of_the_toys():
    np.testing.assert_array_equal(toys.normal_density(3.0).means, [[3]])
    np.testing.assert_array_equal(toys.two_bumps(4.0).means, [[-2], [2]])
    np.testing.assert_allclose(
        toys.ring(4, 2.0).means, [[2, 0], [0, 2], [-2, 0], [0, -2]], atol=1e-15
    )
    assert sorted(toys.grid(2, 3.0).means.tolist()) == [
        [-1.5, -1.5], [-1.5, 1.5], [1.5, -1.5], [1.5, 1.5]
    ]  # fmt: skip
    for toy in (toys.normal_density(), toys.two_bumps(), toys.ring(), toys.grid()):
        assert toy.weights.tolist() == [1 / len(toy.means)] * len(toy.means)


def test_one_peak_has_one_peak_at_the_mean_and_lighter_tails_than_a_gaussian():
    toy, x = toys.one_peak(), np.linspace(-4, 7, 2201)
    p = toy.density(x[:, None])
    assert x[p.argmax()] == pytest.approx(1.5)
    assert (np.sign(np.diff(p)) == np.where(x[1:] <= 1.5 + 1e-9, 1, -1)).all()
    fourth, variance = (p @ (x - 1.5) ** k / p.sum() for k in (4, 2))
    assert fourth / variance**2 < 3
