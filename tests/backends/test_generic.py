"""The generic backend calls the generic functions, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from minigan import finite, objectives
from minigan.backends import blocks
from minigan.backends.generic import Generic
from minigan.layers.descriptions import Linear
from minigan.network import Network

RNG = np.random.default_rng(2)


def test_blocks_and_guard_are_the_modules_themselves():
    assert Generic().blocks is blocks
    assert Generic().guard is finite


def test_the_value_is_that_of_eq_1_and_its_gradient_is_weighted():
    a, da = RNG.standard_normal((6, 1)), np.empty((6, 1))
    sigma = 1 / (1 + np.exp(-a))
    V = Generic().value_with_gradient(a, 0.5, out=da)
    assert pytest.approx(np.log(sigma[:3]).mean() + np.log(1 - sigma[3:]).mean()) == V
    np.testing.assert_allclose(da[:3], 0.5 * (1 - sigma[:3]) / 3, rtol=1e-14)
    np.testing.assert_allclose(da[3:], -0.5 * sigma[3:] / 3, rtol=1e-14)


@pytest.mark.parametrize("objective", objectives.OBJECTIVES.values(), ids=lambda o: o.name)
def test_the_loss_and_its_gradient_are_those_of_the_objective(objective):
    a, da = RNG.standard_normal((5, 1)), np.empty((5, 1))
    assert Generic().loss_with_gradient(objective, a, out=da) == objective.loss(a)
    np.testing.assert_array_equal(da, objective.gradient(a))


def test_descent_moves_theta_against_the_gradient():
    net = Network(2, (Linear(1, 0.1),))
    theta, g, v = net.zeros(np.float64), net.zeros(np.float64), np.ones(3)
    g.assign(np.array([1.0, -2.0, 0.0]))
    Generic().descend(theta, g, v, eta=0.1, mu=0.5)
    np.testing.assert_allclose(v, [0.4, 0.7, 0.5])
    np.testing.assert_allclose(theta.vector, v)
