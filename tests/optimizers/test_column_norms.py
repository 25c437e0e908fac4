"""ColumnNorms: the update of another optimizer, then each column of W within the limit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.optimizers import ColumnNorms, Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant

SHAPES = {"linear1.W": (2, 3), "linear1.b": (3,)}
W = [[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]]  # columns of norm 5, 0.5 and 0
START = np.array([*np.ravel(W), 9.0, -9.0, 0.0])


def player(limit: float = 2.0) -> ColumnNorms:
    theta = Parameters(SHAPES, START.copy())
    return ColumnNorms(Momentum(theta, Constant(1.0), Constant(0.0)), limit)


def test_the_columns_of_w_are_scaled_and_b_is_not() -> None:
    limited = player()
    limited.adjust()
    slow = [
        [
            w * min(math.hypot(a, b), 2.0) / (1e-7 + math.hypot(a, b))
            for w, a, b in zip(row, *W, strict=True)
        ]
        for row in W
    ]
    np.testing.assert_allclose(limited.theta["linear1.W"], slow, rtol=1e-15)
    np.testing.assert_allclose(limited.theta["linear1.W"][:, 0], [1.2, 1.6], rtol=1e-7)
    np.testing.assert_array_equal(limited.theta["linear1.b"], [9.0, -9.0, 0.0])


def test_a_limit_below_1_is_kept() -> None:
    limited = player(0.25)
    limited.adjust()
    np.testing.assert_allclose(
        limited.theta["linear1.W"][:, :2], [[0.15, 0.15], [0.2, 0.2]], rtol=1e-6
    )


def test_a_column_below_the_limit_shrinks_by_its_1e_7() -> None:
    limited = player()
    limited.adjust()
    ratio = limited.theta["linear1.W"][0, 1] / 0.3
    assert 1 - ratio == pytest.approx(1e-7 / 0.5, rel=1e-6)


@pytest.mark.parametrize(("up", "sign"), [(True, 1), (False, -1)])
def test_the_limit_holds_after_the_update(up: bool, sign: int) -> None:
    limited = player()
    g = Parameters(SHAPES, sign * np.array([6.0, 0, 0, 8.0, 0, 0, 0, 0, 1.0]))
    version = limited.theta.version
    (limited.ascend if up else limited.descend)(g)
    # The first column is (9, 12) after the update, and (1.2, 1.6) has the norm 2.
    np.testing.assert_allclose(limited.theta["linear1.W"][:, 0], [1.2, 1.6], rtol=1e-7)
    assert limited.theta["linear1.b"][2] == 1.0
    assert limited.theta.version == version + 2  # a trace before the scaling is stale


def test_the_velocity_is_that_of_the_update() -> None:
    limited = player()
    limited.ascend(Parameters(SHAPES, np.arange(9.0)))
    np.testing.assert_array_equal(limited.state()["v"], np.arange(9.0))


@pytest.mark.parametrize("limit", [0.0, -1.0, math.inf, math.nan])
def test_a_limit_that_is_not_above_0_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match=r"^the limit must be a number > 0, not "):
        player(limit)
