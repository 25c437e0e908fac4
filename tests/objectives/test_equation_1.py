"""Eq. 1: values, gradients and their complex steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_expit
from slow import complex_step

from minigan import objectives

LOG_2, LOG_3 = 0.69314718055994530942, 1.09861228866810969140
LOGITS = st.lists(st.floats(-600, 600), min_size=1, max_size=6)


def column(values: list[float], dtype: Any = np.float64) -> Any:
    return np.array(values, dtype=dtype)[:, None]


@given(a=st.floats(-600, 600))
def test_softplus_is_minus_log_sigma_of_minus_a(a: float) -> None:
    assert math.isclose(objectives.softplus(np.array([a]))[0], -log_expit(-a), rel_tol=1e-15)


@given(real=st.lists(st.floats(-30, 30), min_size=1), fake=st.lists(st.floats(-30, 30), min_size=1))
def test_V_is_the_mean_of_log_D_plus_the_mean_of_log_1_minus_D(
    real: list[float], fake: list[float]
) -> None:
    # log D = log_expit(a), log(1 - D) = log_expit(-a): the log of a rounded D would lose digits.
    expected = math.fsum(log_expit(a) for a in real) / len(real)
    expected += math.fsum(log_expit(-a) for a in fake) / len(fake)
    V = objectives.value(column(real), column(fake))
    assert math.isclose(V, expected, rel_tol=1e-12, abs_tol=1e-15)


@given(real=LOGITS, fake=LOGITS)
def test_the_gradients_of_V_equal_the_complex_step_to_1e_12_per_logit(
    real: list[float], fake: list[float]
) -> None:
    a_real, a_fake = column(real), column(fake)
    da_real, da_fake = objectives.value_gradient(a_real, a_fake)
    for analytic, numeric in (
        (da_real, complex_step(lambda a: objectives.value(a, a_fake), a_real)),
        (da_fake, complex_step(lambda a: objectives.value(a_real, a), a_fake)),
    ):
        assert (abs(analytic - numeric) <= 1e-12 * abs(numeric)).all()
        assert (numeric != 0).all()


def test_the_gradients_of_V_are_written_to_out_which_may_be_the_logits() -> None:
    # sigma(0) = 1/2 and sigma(log 3) = 3/4; each is divided by m = 2.
    a_real, a_fake = column([0.0, -LOG_3]), column([0.0, LOG_3])
    da_real, da_fake = objectives.value_gradient(a_real, a_fake, out=(a_real, a_fake))
    assert da_real is a_real
    assert da_fake is a_fake
    np.testing.assert_allclose(a_real, [[1 / 4], [3 / 8]], rtol=1e-15)
    np.testing.assert_allclose(a_fake, [[-1 / 4], [-3 / 8]], rtol=1e-15)
