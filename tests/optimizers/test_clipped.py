"""Clipped: the update of another optimizer, then every number of theta within the bound."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minigan.optimizers import Clipped, Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay

SHAPES = {"w": (4,)}
START = np.array([0.0, 0.2, -0.2, 0.05])


def player(bound: float = 0.25) -> Clipped:
    theta = Parameters(SHAPES, START.copy())
    return Clipped(Momentum(theta, ExponentialDecay(0.5, 2.0), Constant(0.0)), bound)


@pytest.mark.parametrize(("up", "sign"), [(True, 1), (False, -1)])
def test_the_clip_comes_after_the_update(up: bool, sign: int) -> None:
    clipped = player()
    g = Parameters(SHAPES, sign * np.array([1.0, 0.02, -1.0, -0.04]))
    (clipped.ascend if up else clipped.descend)(g)
    # start + 0.5 g = 0.5, 0.21, -0.7, 0.03
    np.testing.assert_allclose(clipped.theta.vector, [0.25, 0.21, -0.25, 0.03], rtol=1e-15)


def test_a_clip_before_the_update_is_found() -> None:
    class Early(Clipped):
        def ascend(self, g: Parameters) -> None:
            self.adjust()
            self.optimizer.ascend(g)

    g, largest = Parameters(SHAPES, np.array([1.0, 0.02, -1.0, -0.04])), []
    for kind in (Clipped, Early):
        clipped = kind(player().optimizer, 0.25)
        clipped.ascend(g)
        largest.append(abs(clipped.theta.vector).max())
    assert largest[0] == 0.25 < largest[1]


def test_a_trace_before_the_clip_is_stale() -> None:
    clipped = player()
    seen = []
    inner: Any = clipped.optimizer
    ascend = inner.ascend
    inner.ascend = lambda g: (ascend(g), seen.append(inner.theta.version))
    clipped.ascend(Parameters(SHAPES, np.ones(4)))
    assert clipped.theta.version > seen[0]


def test_state_updates_and_hyperparameters_are_those_of_the_optimizer() -> None:
    clipped = player()
    inner: Any = clipped.optimizer
    assert clipped.theta is inner.theta
    assert clipped.state()["v"] is inner.v
    assert clipped.hyperparameters(3) == {"eta": 0.0625, "mu": 0.0}
    clipped.ascend(Parameters(SHAPES, np.ones(4)))
    assert clipped.updates == inner.updates == 1
    clipped.updates = 7
    assert inner.updates == 7


@pytest.mark.parametrize("bound", [0.0, -0.01, math.inf, math.nan])
def test_a_bound_that_is_not_above_0_is_refused(bound: float) -> None:
    with pytest.raises(ValueError, match=r"^the bound must be a number > 0, not "):
        player(bound)
