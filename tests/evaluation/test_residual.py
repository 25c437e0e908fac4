"""Descent in z: the gradient of a linear G, the least-squares z, and no step makes f larger."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.evaluation import residual
from minigan.evaluation.residual import refined, residual_gradient, squared_residual
from minigan.layers import Linear, ReLU, Sigmoid
from minigan.network import Network

LINEAR = Network(2, (Linear(5, 1.0),))
CURVED = Network(3, (Linear(8, 1.0), ReLU(), Linear(6, 1.0), Sigmoid()))


def example(G, rows, seed=0):
    theta = G.initial(seed, "theta_g", np.float64)
    rng = np.random.default_rng(seed)
    theta.assign(theta.vector + rng.normal(0, 0.3, theta.vector.shape))
    return theta, rng.normal(size=(rows, G.outputs)), rng.normal(size=(rows, G.inputs))


def test_the_gradient_of_a_linear_G_is_the_closed_form():
    """f = |z A + b - x|^2, df/dz = 2 (z A + b - x) A^T."""
    theta, x, z = example(LINEAR, 4)
    g = LINEAR.forward(theta, z)
    A, b = theta["linear1.W"], theta["linear1.b"]
    d = z @ A + b - x
    assert squared_residual(g.y, x) == pytest.approx([float(row @ row) for row in d], rel=1e-13)
    assert np.allclose(residual_gradient(LINEAR, g, x), 2 * d @ A.T, rtol=1e-12, atol=1e-12)


def test_the_loss_of_reconstructions_is_the_mean_of_f_and_has_its_gradient():
    """d = e A + b - x: J = mean |d|^2, dJ/de = 2 d A^T / m."""
    theta, x, e = example(LINEAR, 4)
    g = LINEAR.forward(theta, e)
    d = e @ theta["linear1.W"] + theta["linear1.b"] - x
    expected = np.mean([float(row @ row) for row in d])
    assert residual.reconstruction_error(g.y, x) == pytest.approx(expected, rel=1e-13)
    found = residual.reconstruction_gradient(LINEAR, g, x)
    assert np.allclose(found, 2 * d @ theta["linear1.W"].T / 4, rtol=1e-12, atol=1e-12)


def test_descent_reaches_the_least_squares_z_of_a_linear_G():
    theta, x, z = example(LINEAR, 4)
    before = z.copy()
    found = refined(LINEAR, theta, x, z, 500)
    b = theta["linear1.b"]
    expected = np.linalg.lstsq(theta["linear1.W"].T, (x - b).T, rcond=None)[0].T
    assert np.allclose(found, expected, rtol=0, atol=1e-6)
    assert np.array_equal(z, before)


def test_no_row_becomes_worse_and_the_rows_do_not_depend_on_each_other(monkeypatch):
    theta, x, z = example(CURVED, 5)
    f = squared_residual(CURVED.forward(theta, z).y, x)
    for steps in range(1, 30):
        found = refined(CURVED, theta, x, z, steps)
        f_next = squared_residual(CURVED.forward(theta, found).y, x)
        assert (f_next <= f).all()
        f = f_next
    monkeypatch.setattr(residual, "ROWS_AT_A_TIME", 2)
    assert np.allclose(refined(CURVED, theta, x, z, 29), found, rtol=1e-9)


def test_the_rates_are_those_of_the_docstring():
    """G(z) = z, x = 0, z = 4: f = 16, df/dz = 8, eta = 16 / 128; z = 3, then eta 3/2 as large."""
    G = Network(1, (Linear(1, 1.0),))
    theta = G.zeros(np.float64)
    theta["linear1.W"][...] = 1
    means = []
    x, z = np.zeros((1, 1)), np.full((1, 1), 4.0)
    found = refined(G, theta, x, z, 2, means.append)
    assert means == [3.0, 3 * (1 - 2 * 0.125 * 1.5)]
    assert found.tolist() == [[means[1]]]


def test_the_rates_and_the_mean_of_rows_in_two_dimensions():
    """G(z) = z, x = 0: for z = (3, 4), f = 25 and |df/dz|^2 = 100; for (0, 4), 16 and 64."""
    G = Network(2, (Linear(2, 1.0),))
    theta = G.zeros(np.float64)
    theta["linear1.W"][...] = np.eye(2)
    means = []
    z = np.array([[3.0, 4], [0, 4]])
    found = refined(G, theta, np.zeros((2, 2)), z, 1, means.append)
    assert found.tolist() == [[2.25, 3], [0, 3]]  # both rates are 1/8
    assert means == [(3.75 + 3) / 2]


def test_after_is_called_for_each_step_of_each_1000_rows():
    theta, x, z = example(LINEAR, 1001)
    for rows, calls in ((1000, 2), (1001, 4)):
        means = []
        refined(LINEAR, theta, x[:rows], z[:rows], 2, means.append)
        assert len(means) == calls


def test_the_gradient_in_theta_is_not_computed(monkeypatch):
    theta, x, z = example(LINEAR, 4)
    monkeypatch.setattr(Linear, "backward_params", None)
    assert residual_gradient(LINEAR, LINEAR.forward(theta, z), x).shape == (4, 2)


def test_a_step_to_an_equal_residual_is_not_taken():
    """sigma(-40) rounds to 4e-18 and sigma(40) to 1: both are as far from x = 1/2."""
    G = Network(1, (Linear(1, 1.0), Sigmoid()))
    theta = G.zeros(np.float64)
    theta["linear1.W"][...] = 1
    z = np.full((1, 1), -40.0)
    assert refined(G, theta, np.full((1, 1), 0.5), z, 1).tolist() == [[-40.0]]


def test_a_step_that_is_too_long_is_not_taken_and_the_next_is_half_as_long():
    """G(z) = max(0, z) with x = 1 at z = 0.1: f = 0.81, eta = 1/8, and eta grows until z > 1."""
    G = Network(1, (Linear(1, 1.0), ReLU()))
    theta = G.zeros(np.float64)
    theta["linear1.W"][...] = 1
    z, eta, expected = 0.1, 0.81 / (2 * 1.8**2), []
    for _ in range(12):
        trial = z - eta * 2 * (z - 1)
        z, eta = (trial, 1.5 * eta) if (trial - 1) ** 2 < (z - 1) ** 2 else (z, eta / 2)
        expected.append(abs(z - 1))
    means = []
    refined(G, theta, np.ones((1, 1)), np.full((1, 1), 0.1), 12, means.append)
    assert means == pytest.approx(expected, rel=1e-9)
    assert len(set(expected)) < 12  # a step was not taken


def test_a_first_step_that_is_too_long_does_not_change_the_gradient_of_the_next():
    """G(z) = sigma(z), x = 1/2, z = -6: the first steps lead to sigma(z) = 1, which is worse."""
    G = Network(1, (Linear(1, 1.0), Sigmoid()))
    theta = G.zeros(np.float64)
    theta["linear1.W"][...] = 1
    means = []
    refined(G, theta, np.full((1, 1), 0.5), np.full((1, 1), -6.0), 20, means.append)
    assert means[0] == pytest.approx(0.5 - 1 / (1 + np.exp(6)), rel=1e-12)
    assert means[-1] < 1e-3


def test_a_row_without_a_gradient_stays_and_is_finite():
    G = Network(1, (Linear(1, 1.0), ReLU()))
    theta = G.zeros(np.float32)
    theta["linear1.b"][...] = -1
    z = np.full((2, 1), 0.5, np.float32)
    found = refined(G, theta, np.full((2, 1), 9, np.float32), z, 3)
    assert np.array_equal(found, z)
    assert found.dtype == np.float32
