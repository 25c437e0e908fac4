"""Relativistic pairs: values by hand, gradients of both players, buffers, and the best D."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from minigan.objectives import relativistic
from minigan.selfcheck import check_objective

LOG_2, LOG_3 = 0.69314718055994530942, 1.09861228866810969140
# D is right with probability 3/4 in the first pair, and 1/4 in the second.
A_REAL, A_FAKE = np.array([[5.0 + LOG_3], [2.0]]), np.array([[5.0], [2.0 + LOG_3]])


def test_values_and_gradients_by_hand() -> None:
    right, wrong = LOG_3 - 2 * LOG_2, -2 * LOG_2  # log 3/4 and log 1/4
    np.testing.assert_allclose(relativistic.value(A_REAL, A_FAKE), (right + wrong) / 2, rtol=1e-14)
    np.testing.assert_allclose(relativistic.value(A_REAL[:1], A_FAKE[:1]), right, rtol=1e-14)
    np.testing.assert_allclose(relativistic.loss(A_FAKE[:1], A_REAL[:1]), -wrong, rtol=1e-14)
    da_real, da_fake = relativistic.value_gradient(A_REAL, A_FAKE)
    np.testing.assert_allclose(da_real, [[1 / 8], [3 / 8]], rtol=1e-14)
    np.testing.assert_array_equal(da_fake, -da_real)
    da = relativistic.loss_gradient(A_FAKE, A_REAL)
    np.testing.assert_allclose(da, [[-3 / 8], [-1 / 8]], rtol=1e-14)
    assert check_objective(relativistic).passed


def test_the_loss_of_G_is_minus_V_with_examples_and_samples_exchanged() -> None:
    a, b = np.random.default_rng(0).standard_normal((2, 5, 1))
    assert relativistic.loss(a, b) == -relativistic.value(a, b)
    np.testing.assert_allclose(
        relativistic.loss_gradient(a, b), -relativistic.value_gradient(a, b)[0], rtol=1e-15
    )


def test_out_may_be_the_logits() -> None:
    expected = relativistic.value_gradient(A_REAL, A_FAKE)
    a, b = A_REAL.copy(), A_FAKE.copy()
    out = relativistic.value_gradient(a, b, out=(a, b))
    for found, buffer, gradient in zip(out, (a, b), expected, strict=True):
        assert found is buffer
        np.testing.assert_array_equal(found, gradient)
    a = A_FAKE.astype(np.float32)
    assert relativistic.loss_gradient(a, A_REAL.astype(np.float32), out=a) is a
    np.testing.assert_allclose(a, relativistic.loss_gradient(A_FAKE, A_REAL), rtol=1e-6)


def test_large_differences_have_finite_values_and_the_right_limits() -> None:
    far, near = np.full((1, 1), 1e4), np.full((1, 1), -1e4)
    assert (relativistic.value(far, near), relativistic.value(near, far)) == (0, -2e4)
    assert relativistic.loss_gradient(near, far) == -1
    assert relativistic.loss_gradient(far, near) == 0


def test_the_equilibrium_is_that_of_a_coin_toss() -> None:
    for c in (0.0, 7.0):  # a constant changes nothing
        a = np.full((4, 1), c)
        assert relativistic.equilibrium[:2] == (relativistic.value(a, a), relativistic.loss(a, a))
    assert relativistic.equilibrium == (-LOG_2, LOG_2, 0)
    assert relativistic.D(a) is a
    assert (relativistic.unit, relativistic.pairs) == ("nats", True)


def test_the_best_D_is_that_of_prop_1_plus_a_constant_and_V_is_the_divergence_of_both_orders() -> (
    None
):
    rng = np.random.default_rng(1)
    p_data, p_g = rng.dirichlet(np.ones(6), size=2)
    i, j = (index.ravel() for index in np.indices((6, 6)))  # x is i and G(z) is j
    P, Q = p_data[i] * p_g[j], p_data[j] * p_g[i]
    a = np.log(p_data / p_g) + 3

    def V(a: Any) -> Any:
        pairs = [relativistic.value(a[[k]], a[[n]]) for k, n in zip(i, j, strict=True)]
        return (P * np.array(pairs)).sum()

    M = (P + Q) / 2
    jsd = ((P * np.log(P / M)) + (Q * np.log(Q / M))).sum() / 2
    np.testing.assert_allclose(V(a), jsd - LOG_2, rtol=1e-13)
    slope = [V(a + 1e-30j * unit).imag / 1e-30 for unit in np.eye(6)]
    np.testing.assert_allclose(slope, 0, atol=1e-15)
    other = [V(a + 0.1 * unit) for unit in np.eye(6)]
    assert max(other) < V(a)


@pytest.mark.parametrize(
    ("field", "function"),
    [
        # a_real is treated as a constant in the D step
        ("value_gradient", lambda a, b: (0 * a, -1 / (1 + np.exp(a - b)) / len(a))),
        # a_real of another pair
        ("value_gradient", lambda a, b: relativistic.value_gradient(a, b[::-1])),
        # G descends -V instead of the loss of the exchanged pair
        ("loss_gradient", lambda b, a: -relativistic.value_gradient(a, b)[1]),
        # G's loss without the example
        ("loss_gradient", lambda b, a: -1 / (1 + np.exp(b)) / len(a)),
        # (m,) and (m, 1) broadcast to all m^2 pairs
        ("loss_gradient", lambda b, a: -1 / (1 + np.exp(b - a.T)).mean(1, keepdims=True) / len(a)),
    ],
    ids=["detached", "another pair", "minus V", "alone", "all pairs"],
)
def test_a_common_wrong_version_is_found(field: str, function: Any) -> None:
    wrong: Any = replace(relativistic, **{field: lambda *logits, out=None: function(*logits)})
    assert not check_objective(wrong).passed
