"""RMSProp, compared with numbers by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.optimizers import RMSProp
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay

SHAPES = {"w": (2,)}


@pytest.mark.parametrize("up", [True, False])
def test_two_updates_by_hand(up: bool) -> None:
    theta, sign = Parameters(SHAPES, np.array([1.0, 2.0])), 1 if up else -1
    player = RMSProp(theta, Constant(0.25), decay=0.75, epsilon=0.5)
    update = player.ascend if up else player.descend
    update(Parameters(SHAPES, np.array([4.0, -1.0])))  # s = 16/4 and 1/4
    first = [0.25 * 4 / (2 + 0.5), -0.25 * 1 / (0.5 + 0.5)]
    np.testing.assert_allclose(theta.vector, np.array([1, 2]) + sign * np.array(first), rtol=1e-15)
    update(Parameters(SHAPES, np.array([2.0, 0.0])))  # s = 3 + 1 and 3/16
    second = [0.25 * 2 / (2 + 0.5), 0.0]
    expected = np.array([1, 2]) + sign * (np.array(first) + second)
    np.testing.assert_allclose(theta.vector, expected, rtol=1e-15)
    np.testing.assert_allclose(player.s, [4.0, 3 / 16], rtol=1e-15)
    assert player.updates == theta.version == 2


@pytest.mark.parametrize(("up", "sign"), [(True, 1), (False, -1)])
def test_the_rate_follows_its_schedule_and_the_state_is_the_mean_square(
    up: bool, sign: int
) -> None:
    theta = Parameters(SHAPES, np.zeros(2, np.float32))
    player = RMSProp(theta, ExponentialDecay(0.8, 2.0), decay=0.0, epsilon=1e-8)
    assert [player.hyperparameters(t) for t in (0, 3)] == [{"eta": 0.8}, {"eta": 0.1}]
    for _ in range(3):  # without memory, each update is eta
        (player.ascend if up else player.descend)(Parameters(SHAPES, np.full(2, 7.0, np.float32)))
    np.testing.assert_allclose(theta.vector, sign * (0.8 + 0.4 + 0.2), rtol=1e-6)
    assert player.state().keys() == {"s"}
    assert player.state()["s"] is player.s
    assert {theta.vector.dtype, player.s.dtype} == {np.dtype(np.float32)}
    assert math.isclose(float(player.s[0]), 49.0)
