"""Maximum likelihood: with D = D* its gradient is that of KL(p_data || p_g) on exact densities."""

from __future__ import annotations

import numpy as np

from minigan.objectives import maximum_likelihood, value, value_gradient
from minigan.selfcheck import check_objective


def test_with_the_optimal_D_the_gradient_is_that_of_KL_of_data_from_samples() -> None:
    rng = np.random.default_rng(0)
    p_data = rng.dirichlet(np.ones(7))
    theta = rng.standard_normal(7)  # p_g = softmax(theta)

    def density(theta):
        return np.exp(theta) / np.exp(theta).sum()

    p_g = density(theta)
    a = np.log(p_data / p_g)  # the logit of D* = p_data / (p_data + p_g)

    def slope(f):
        h = 1e-30
        return np.array([f(theta + 1j * h * np.eye(7)[i]).imag / h for i in range(7)])

    kl = slope(lambda t: (p_data * np.log(p_data / density(t))).sum())
    per_x = np.array([maximum_likelihood.loss(np.array([[one]])) for one in a])
    loss = slope(lambda t: (density(t) * per_x).sum())  # the expectation of the loss, D fixed
    np.testing.assert_allclose(loss, kl, rtol=1e-13, atol=1e-16)
    assert abs(kl).max() > 0.01


def test_values_and_gradients_by_hand() -> None:
    a = np.log([[2.0], [6.0]])
    np.testing.assert_allclose(maximum_likelihood.loss(a), -4, rtol=1e-15)
    np.testing.assert_allclose(maximum_likelihood.loss_gradient(a), [[-1.0], [-3.0]], rtol=1e-15)
    assert maximum_likelihood.loss_gradient(a, out=a) is a
    assert check_objective(maximum_likelihood).passed


def test_D_ascends_eq_1_and_the_equilibrium_is_at_a_logit_of_0() -> None:
    zero = np.zeros((3, 1))
    assert maximum_likelihood.name == "maximum_likelihood"
    assert maximum_likelihood.value is value
    assert maximum_likelihood.value_gradient is value_gradient
    V, loss, D = maximum_likelihood.equilibrium
    assert (V, loss) == (value(zero, zero), maximum_likelihood.loss(zero))
    assert D == 1 / 2
