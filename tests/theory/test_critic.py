"""A trained critic's V is W1; without the growing lambda, or without training, it is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from minigan.data import toys
from minigan.theory import critic
from minigan.theory.line import cdf_of_map, cdf_of_mixture


def test_V_is_within_2_percent_of_w1_and_the_slopes_change_sign_once() -> None:
    trained = critic.train_critic(critic.fixed_G())
    assert abs(trained.V / trained.W1 - 1) < 0.02
    x = np.linspace(0, 3, 301)
    slopes = np.diff(trained(x)) / np.diff(x)
    assert slopes[x[1:] < 1.2] == pytest.approx(-1, abs=0.1)  # f is larger at data, on the left
    assert slopes[x[:-1] > 1.8] == pytest.approx(1, abs=0.1)  # and on the right


def test_an_untrained_critic_has_another_V() -> None:
    untrained = critic.train_critic(critic.fixed_G(), lambdas=())
    assert abs(untrained.V / untrained.W1 - 1) > 0.5


def test_w1_is_the_integral_by_quadrature() -> None:
    x = critic.fixed_G()
    z = np.linspace(-math.sqrt(3), math.sqrt(3), 4001)
    np.testing.assert_allclose(x, np.interp(z, [z[0], 0, z[-1]], [x[0], x[2000], x[-1]]))
    assert (x[0], x[2000]) == pytest.approx((1, 1 + 0.2 * math.sqrt(3)))
    assert x[-1] == pytest.approx(1 + 0.7 * math.sqrt(3))

    def distance(e: float) -> float:
        at = np.array([e])
        return abs(float((cdf_of_mixture(toys.one_peak(), at) - cdf_of_map(x, at))[0]))

    expected, _ = integrate.quad(distance, -2, 5, points=[1, x[2000], x[-1]], limit=200)
    found = critic.train_critic(x, lambdas=()).W1
    assert found == pytest.approx(expected, rel=1e-4)


def test_the_excess_of_V_is_w1_over_2_lambda_if_all_mass_moves_one_way() -> None:
    # p_g is far to the left of p_data, so |F - F_g| = 1 between them, and rho is constant there
    trained = critic.train_critic(np.linspace(-1.4, -1.2, 101), lambdas=(1.0, 10.0))
    assert pytest.approx(trained.W1 / (2 * 10), rel=0.1) == trained.V / trained.W1 - 1


def test_the_kinks_of_the_first_layer_are_spread_over_the_line() -> None:
    theta = critic.initial_critic(3)
    kinks = np.sort(-theta["linear1.b"] / theta["linear1.W"][0])
    np.testing.assert_allclose(kinks, np.linspace(-2, 5, 64), atol=0.8)
    assert critic.initial_critic(3).vector.tolist() == theta.vector.tolist()
