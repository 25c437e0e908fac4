"""Least squares: values by hand, gradients, buffers, and the best D."""

from __future__ import annotations

import numpy as np

from minigan.objectives import least_squares
from minigan.selfcheck import check_objective

A_REAL, A_FAKE = np.array([[0.0], [3.0]]), np.array([[1.0], [-1.0]])


def test_values_and_gradients_by_hand() -> None:
    assert least_squares.value(A_REAL, A_FAKE) == -(1 + 4) / 4 - (1 + 1) / 4
    assert least_squares.loss(A_FAKE) == (0 + 4) / 4
    da_real, da_fake = least_squares.value_gradient(A_REAL, A_FAKE)
    assert (da_real.tolist(), da_fake.tolist()) == ([[0.5], [-1.0]], [[-0.5], [0.5]])
    assert least_squares.loss_gradient(A_FAKE).tolist() == [[0.0], [-1.0]]
    assert check_objective(least_squares).passed


def test_out_may_be_the_logits() -> None:
    a, b = A_REAL.copy(), A_FAKE.copy()
    out = least_squares.value_gradient(a, b, out=(a, b))
    assert out[0] is a
    assert out[1] is b
    np.testing.assert_array_equal(a, [[0.5], [-1.0]])
    a = A_FAKE.copy()
    assert least_squares.loss_gradient(a, out=a) is a


def test_the_equilibrium_is_one_half_and_the_best_D_is_that_of_prop_1() -> None:
    half = np.full((4, 1), 0.5)
    V, loss, D = least_squares.equilibrium
    assert (V, loss) == (least_squares.value(half, half), least_squares.loss(half))
    assert D == 0.5
    assert least_squares.D(half) is half
    assert (least_squares.name, least_squares.unit) == ("least_squares", "")
    p_data, p_g = 0.7, 0.2  # at one x, D ascends -p_data (a - 1)^2 - p_g a^2
    best = p_data / (p_data + p_g)
    real, fake = least_squares.value_gradient(*2 * (np.array([[best]]),))
    assert abs(p_data * real + p_g * fake).max() < 1e-16
