"""Wasserstein: differences of means, gradients of 1/m, and a distance."""

from __future__ import annotations

import numpy as np

from minigan.objectives import wasserstein
from minigan.selfcheck import check_objective

A_REAL, A_FAKE = np.array([[1.0], [3.0]]), np.array([[1.0], [-2.0]])


def test_values_and_gradients_by_hand() -> None:
    assert wasserstein.value(A_REAL, A_FAKE) == 2.5
    assert wasserstein.loss(A_FAKE) == 0.5
    da_real, da_fake = wasserstein.value_gradient(A_REAL, A_FAKE)
    assert (da_real.tolist(), da_fake.tolist()) == ([[0.5], [0.5]], [[-0.5], [-0.5]])
    assert wasserstein.loss_gradient(A_FAKE).tolist() == [[-0.5], [-0.5]]
    assert check_objective(wasserstein).passed


def test_the_buffers_are_written() -> None:
    a, b = A_REAL.astype(np.float32), A_FAKE.astype(np.float32)
    out = wasserstein.value_gradient(a, b, out=(a, b))
    assert out[0] is a
    assert out[1] is b
    np.testing.assert_array_equal(np.concatenate([a, b]), [[0.5], [0.5], [-0.5], [-0.5]])
    assert wasserstein.loss_gradient(a, out=a) is a
    assert wasserstein.loss_gradient(b).dtype == np.float32


def test_the_critic_a_x_gives_the_distance_of_two_points_and_equal_densities_give_0() -> None:
    theta = np.array([[2.0]])  # p_data at 2, p_g at 0: the critic a(x) = x has slope 1
    assert wasserstein.value(theta, np.zeros((1, 1))) == 2
    assert wasserstein.equilibrium == (wasserstein.value(A_REAL, A_REAL), 0, 0)
    assert wasserstein.D(A_REAL) is A_REAL
    assert (wasserstein.name, wasserstein.unit) == ("wasserstein", "")
