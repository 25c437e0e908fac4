"""Both objectives of G of the paper: values, gradients, tails and limits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, log_expit
from slow import complex_step

from minigan import objectives

LOG_2, LOG_3 = 0.69314718055994530942, 1.09861228866810969140
LOGITS = st.lists(st.floats(-600, 600), min_size=1, max_size=6)


def column(values: list[float], dtype: Any = np.float64) -> Any:
    return np.array(values, dtype=dtype)[:, None]


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
@given(fake=LOGITS)
def test_the_gradients_of_G_equal_the_complex_step_to_1e_12_per_logit(
    name: str, fake: list[float]
) -> None:
    objective, a = objectives.OBJECTIVES[name], column(fake)
    numeric = complex_step(objective.loss, a)
    assert (abs(objective.loss_gradient(a) - numeric) <= 1e-12 * abs(numeric)).all()


@given(fake=st.lists(st.floats(-30, 30), min_size=1, max_size=9))
def test_minimax_is_mean_log_1_minus_D_and_non_saturating_is_minus_mean_log_D(
    fake: list[float],
) -> None:
    minimax = math.fsum(log_expit(-a) for a in fake) / len(fake)
    non_saturating = -math.fsum(log_expit(a) for a in fake) / len(fake)
    assert math.isclose(objectives.minimax.loss(column(fake)), minimax, rel_tol=1e-12)
    assert math.isclose(objectives.non_saturating.loss(column(fake)), non_saturating, rel_tol=1e-12)


@given(fake=LOGITS)
def test_both_gradients_of_G_have_the_same_sign_and_the_strengths_D_and_1_minus_D(
    fake: list[float],
) -> None:
    a, m = column(fake), len(fake)
    np.testing.assert_allclose(objectives.minimax.loss_gradient(a), -expit(a) / m, rtol=1e-14)
    np.testing.assert_allclose(
        objectives.non_saturating.loss_gradient(a), -expit(-a) / m, rtol=1e-14
    )


@pytest.mark.parametrize("size", [1e3, 1e4])
def test_large_logits_have_finite_values_and_the_right_limits(size: float) -> None:
    near, far = column([-size]), column([size])
    assert objectives.value(far, near) == 0
    assert objectives.value(near, far) == -2 * size
    for gradients, limits in (
        (objectives.value_gradient(far, near), (0, 0)),
        (objectives.value_gradient(near, far), (1, -1)),
    ):
        assert (gradients[0].item(), gradients[1].item()) == limits
    assert objectives.minimax.loss_gradient(near) == 0
    assert objectives.minimax.loss_gradient(far) == -1
    assert objectives.non_saturating.loss_gradient(near) == -1
    assert objectives.non_saturating.loss_gradient(far) == 0


def test_at_a_logit_of_zero_the_slopes_are_one_half() -> None:
    a = column([0.0])
    assert complex_step(lambda v: objectives.softplus(v).sum(), a) == 0.5
    assert [g.item() for g in objectives.value_gradient(a, a)] == [0.5, -0.5]


def test_out_may_be_the_logits_and_the_rows_of_one_buffer() -> None:
    a = column([0.5, -1.0, 2.0, 3.0])
    expected = objectives.value_gradient(a[:2].copy(), a[2:].copy())
    buffer = np.empty((4, 1))
    objectives.value_gradient(a[:2], a[2:], out=(buffer[:2], buffer[2:]))
    np.testing.assert_array_equal(buffer, np.concatenate(expected))
    objectives.value_gradient(a[:2], a[2:], out=(a[:2], a[2:]))
    np.testing.assert_array_equal(a, np.concatenate(expected))
    for objective in objectives.OBJECTIVES.values():
        b = column([0.5, -1.0])
        others = objective.logits_of_loss(b, column([1.5, 0.0]))[1:]
        gradient = objective.loss_gradient(b, *others)
        assert objective.loss_gradient(b, *others, out=b) is b
        np.testing.assert_array_equal(b, gradient)
