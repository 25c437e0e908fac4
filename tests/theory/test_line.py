"""The exact p_g of a piecewise linear G in one dimension: by hand, by samples, and in total."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate

from minigan.data import toys
from minigan.layers import Linear, ReLU
from minigan.network import Network
from minigan.theory import line


def z_grid(cells, low=0.0, high=1.0):
    return np.linspace(low, high, cells + 1)


def test_the_identity_gives_a_uniform_distribution():
    masses = line.masses_of_map(z_grid(10), np.array([0, 0.25, 0.5, 1.0]))
    np.testing.assert_allclose(masses, [0.25, 0.25, 0.5], rtol=1e-15)


@pytest.mark.parametrize("slope", [2.0, -2.0])
def test_a_slope_of_2_halves_the_density_in_either_direction(slope):
    edges = np.sort(slope * np.array([0, 0.1, 0.35, 1.0]))
    masses = line.masses_of_map(slope * z_grid(7), edges)
    by_hand = [0.1, 0.25, 0.65] if slope > 0 else [0.65, 0.25, 0.1]
    np.testing.assert_allclose(masses, by_hand, rtol=1e-14)


def test_both_sides_of_a_fold_are_counted():
    # |z| for z uniform on (-1, 2): density 2/3 on (0, 1), 1/3 on (1, 2)
    x = abs(z_grid(30, -1, 2))
    masses = line.masses_of_map(x, np.array([0, 0.5, 1, 1.5, 2]))
    np.testing.assert_allclose(masses, [1 / 3, 1 / 3, 1 / 6, 1 / 6], rtol=1e-14)


def test_a_constant_piece_is_a_point_mass_in_its_bin():
    # relu(z) for z uniform on (-1, 1): half of the mass is at 0
    x = np.maximum(0, z_grid(20, -1, 1))
    masses = line.masses_of_map(x, np.array([-1, -0.1, 0.1, 0.5, 1]))
    np.testing.assert_allclose(masses, [0, 0.55, 0.2, 0.25], rtol=1e-14, atol=1e-16)
    at_an_edge = line.masses_of_map(x, np.array([-1, 0, 0.5, 1]))  # F(e) = P(G(z) <= e)
    np.testing.assert_allclose(at_an_edge, [0.5, 0.25, 0.25], rtol=1e-14)


def test_one_cell_is_enough_where_G_is_linear():
    masses = line.masses_of_map(np.array([3.0, 1.0]), np.array([1, 1.5, 3]))
    np.testing.assert_allclose(masses, [0.25, 0.75], rtol=1e-15)


def test_mass_outside_the_edges_is_in_the_first_and_last_bin():
    masses = line.masses_of_map(z_grid(10, -4, 4), np.array([-1.0, 0, 1]))
    np.testing.assert_allclose(masses, [0.5, 0.5], rtol=1e-15)
    far = line.masses_of_map(z_grid(10, 7, 8), np.array([-1.0, 0, 1]))
    np.testing.assert_array_equal(far, [0, 1])


def rectifier_G():
    """A G whose kinks are not on the grid of z."""
    G = Network(1, (Linear(30, 1.0), ReLU(), Linear(30, 0.5), ReLU(), Linear(1, 0.5)))
    theta = G.initial(5, "theta_g", np.float64)
    theta["linear1.b"][...] = np.random.default_rng(5).uniform(-1, 1, 30)
    return lambda z: G.forward(theta, z[:, None]).y[:, 0]


def test_the_masses_are_those_of_a_million_samples():
    G, rng = rectifier_G(), np.random.default_rng(1)
    samples = np.concatenate([G(rng.uniform(-2, 2, 50_000)) for _ in range(20)])
    edges = np.linspace(samples.min(), samples.max(), 41)
    masses = line.masses_of_map(G(z_grid(4000, -2, 2)), edges)
    counted = np.histogram(samples, edges)[0] / len(samples)
    five_sigma = 5 * np.sqrt(counted * (1 - counted) / len(samples)) + 1e-5
    assert (abs(masses - counted) < five_sigma).all()
    assert masses.max() > 3 * masses.min()  # p_g is not uniform, so the test is meaningful


def test_no_mass_is_lost():
    G = rectifier_G()
    for cells, low, high in ((17, -2, 2), (4000, -0.1, 0.1), (1000, 50, 60)):
        masses = line.masses_of_map(G(z_grid(4000, -2, 2)), np.linspace(low, high, cells))
        assert (masses >= 0).all()
        assert math.isclose(masses.sum(), 1, rel_tol=1e-12)


@pytest.mark.parametrize(
    "x", [[1.0], [[1.0, 2.0]], [[0.0, 1.0], [2.0, 3.0]], [1.0, math.nan], [1.0, math.inf]]
)
def test_an_invalid_map_raises_an_error(x):
    with pytest.raises(ValueError, match="two or more finite numbers"):
        line.masses_of_map(np.array(x), np.array([0.0, 1.0]))


def test_the_masses_of_p_data_are_the_integrals_of_its_density():
    p_data = toys.Mixture(np.array([[-1.0], [0.5]]), 0.4, np.array([0.3, 0.7]))
    edges = np.array([-2.0, -1.1, 0.2, 0.7, 3.0])

    def integral(low, high):
        return integrate.quad(lambda x: p_data.density(np.array([[x]]))[0], low, high)[0]

    by_quadrature = [integral(low, high) for low, high in pairwise(edges)]
    by_quadrature[0] += integral(-8, -2)
    by_quadrature[-1] += integral(3, 8)
    masses = line.masses_of_mixture(p_data, edges)
    np.testing.assert_allclose(masses, by_quadrature, rtol=1e-9)
    assert math.isclose(masses.sum(), 1, rel_tol=1e-15)


def test_a_two_dimensional_mixture_raises_an_error():
    with pytest.raises(ValueError, match="the mixture must have 1 dimension, not 2"):
        line.masses_of_mixture(toys.ring(), np.array([0.0, 1.0]))


def test_the_numbers_of_a_map_are_used_in_float64():
    edges = np.linspace(-0.1, 3.3, 7)
    F = line.cdf_of_map([0, 1, 3], edges)
    np.testing.assert_array_equal(F, line.cdf_of_map(np.array([0.0, 1.0, 3.0]), edges))
    x = (3 * np.random.default_rng(0).random(20)).astype(np.float32)
    np.testing.assert_array_equal(
        line.cdf_of_map(x, edges), line.cdf_of_map(x.astype(np.float64), edges)
    )


def test_both_distribution_functions_by_hand():
    edges = np.array([-1.0, 0, 0.5, 2, 3])
    np.testing.assert_allclose(line.cdf_of_map(z_grid(5, 0, 2), edges), [0, 0, 0.25, 1, 1])
    # G is 1 on a half of the interval and then rises to 3; G rises from -1 to 1
    flat_first = line.cdf_of_map(np.array([1.0, 1, 3]), np.array([-2, 0, 1, 2.0]))
    np.testing.assert_array_equal(flat_first, [0, 0, 0.5, 0.75])
    rising = line.cdf_of_map(np.array([-1.0, 1]), np.array([-0.5, 0, 0.5]))
    np.testing.assert_array_equal(rising, [0.25, 0.5, 0.75])
    one_half = line.cdf_of_mixture(toys.two_bumps(2.0, 1e-3), np.array([-1.0, 0, 1, 2]))
    np.testing.assert_allclose(one_half, [0.25, 0.5, 0.75, 1])
