"""J, its gradient and R^2 of an inference network, by hand and by slow loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.evaluation.inference import prediction_error, prediction_error_gradient, r_squared
from minigan.gradcheck import assert_gradients


def test_the_loss_by_hand():
    """((1-0)^2 + (2-4)^2 + (0+1)^2 + (3-3)^2) / 2 rows = 3."""
    e, z = np.array([[1.0, 2.0], [0.0, 3.0]]), np.array([[0.0, 4.0], [-1.0, 3.0]])
    assert prediction_error(e, z) == 3.0
    assert prediction_error_gradient(e, z).tolist() == [[1.0, -2.0], [1.0, 0.0]]


def test_the_gradient_is_that_of_the_complex_step():
    rng = np.random.default_rng(0)
    e, z = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    assert_gradients(
        lambda e: np.array([prediction_error(e, z)]),
        lambda dJ, e: (dJ * prediction_error_gradient(e, z),),
        (e,),
    )


def test_r_squared_by_a_slow_loop():
    rng = np.random.default_rng(1)
    z = rng.normal(3, 2, (50, 4)).astype(np.float32)
    e = (z + rng.normal(0, 1, z.shape)).astype(np.float32)
    error = variance = 0.0
    for j in range(4):
        column = [float(value) for value in z[:, j]]
        mean = math.fsum(column) / 50
        variance += math.fsum((value - mean) ** 2 for value in column)
        error += math.fsum((float(e[i, j]) - column[i]) ** 2 for i in range(50))
    assert r_squared(e, z) == pytest.approx(1 - error / variance, rel=1e-12)


def test_r_squared_keeps_the_digits_of_float64():
    z = np.array([[1e6], [1e6 + 1e-3]])
    assert r_squared(z.copy(), z) == 1
    assert r_squared(np.full((2, 1), 1e6), z) == pytest.approx(-1, rel=1e-6)


def test_r_squared_of_z_itself_is_1_of_the_mean_0_and_of_constants_not_defined():
    z = np.array([[1.0, 5.0], [3.0, 1.0]])
    assert r_squared(z, z) == 1
    assert r_squared(np.array([[2.0, 3.0]] * 2), z) == 0
    assert math.isnan(r_squared(z, np.ones((2, 2))))
