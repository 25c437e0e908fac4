"""Non-saturating: float32 keeps the small gradient of minimax, and this one does not vanish."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.special import expit

from minigan import objectives

LOG_2, LOG_3 = 0.69314718055994530942, 1.09861228866810969140
LOGITS = st.lists(st.floats(-600, 600), min_size=1, max_size=6)


def column(values: list[float], dtype: Any = np.float64) -> Any:
    return np.array(values, dtype=dtype)[:, None]


def test_float32_stays_float32_and_keeps_the_small_gradient_where_minimax_saturates() -> None:
    a = column([-80.0], np.float32)
    gradient = objectives.minimax.loss_gradient(a)
    assert gradient.dtype == objectives.value_gradient(a, a)[0].dtype == np.float32
    assert math.isclose(gradient.item(), -expit(-80.0), rel_tol=1e-6)
    assert objectives.value(a, a).dtype == np.float32


def test_the_gradient_is_written_to_out_which_may_be_the_logits() -> None:
    # -sigma(-a) / m with sigma(0) = 1/2, sigma(-log 3) = 1/4 and m = 2
    a = column([0.0, LOG_3])
    for out in (None, a):
        gradient = objectives.non_saturating.loss_gradient(a, out=out)
        np.testing.assert_allclose(gradient, [[-1 / 4], [-1 / 8]], rtol=1e-15)
    assert gradient is a
