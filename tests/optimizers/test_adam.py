"""Adam, compared with numbers by hand and with PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minigan.optimizers import Adam
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay

SHAPES = {"w": (2,)}


def player(start: Any, eta: Any = None, dtype: Any = np.float64, **changes: float) -> Adam:
    settings = {"beta1": 0.5, "beta2": 0.75, "epsilon": 0.0} | changes
    theta = Parameters({"w": (len(start),)}, np.array(start, dtype))
    return Adam(theta, eta or Constant(0.25), **settings)


@pytest.mark.parametrize("up", [True, False])
def test_two_updates_by_hand(up: bool) -> None:
    adam, sign = player([1.0, 2.0]), 1 if up else -1
    update = adam.ascend if up else adam.descend
    # Each first update is eta g / |g|. Its means are m = g / 2 and s = g^2 / 4.
    update(Parameters(SHAPES, np.array([4.0, -0.01])))
    np.testing.assert_allclose(adam.theta.vector, [1 + sign * 0.25, 2 - sign * 0.25], rtol=1e-15)
    np.testing.assert_allclose(adam.m, [2.0, -0.005], rtol=1e-15)
    np.testing.assert_allclose(adam.s, [4.0, 0.000025], rtol=1e-15)
    # g = 0: m = 1, s = 3; m_hat = 1 / (3/4), s_hat = 3 / (7/16). For the second number the same
    # times -0.01 / 4, and the update does not depend on this factor.
    update(Parameters(SHAPES, np.zeros(2)))
    move = 0.25 * (4 / 3) / math.sqrt(48 / 7)
    expected = [1 + sign * (0.25 + move), 2 - sign * (0.25 + move)]
    np.testing.assert_allclose(adam.theta.vector, expected, rtol=1e-14)
    assert adam.updates == adam.theta.version == 2


def test_epsilon_is_added_to_the_root() -> None:
    adam = player([0.0], epsilon=0.5)
    adam.descend(Parameters({"w": (1,)}, np.array([0.5])))
    np.testing.assert_allclose(adam.theta.vector, [-0.25 * 0.5 / (0.5 + 0.5)], rtol=1e-15)


@pytest.mark.parametrize(("up", "sign"), [(True, 1), (False, -1)])
def test_the_rate_follows_its_schedule_and_the_state_is_two_vectors(up: bool, sign: int) -> None:
    adam = player([0.0, 0.0], eta=ExponentialDecay(0.8, 2.0))
    assert [adam.hyperparameters(t) for t in (0, 3)] == [{"eta": 0.8}, {"eta": 0.1}]
    moves = []
    for _ in range(3):
        before = adam.theta.vector.copy()
        # always eta or -eta, since g is constant
        (adam.ascend if up else adam.descend)(Parameters(SHAPES, np.ones(2)))
        moves.append(float((adam.theta.vector - before)[0]))
    np.testing.assert_allclose(moves, sign * np.array([0.8, 0.4, 0.2]), rtol=1e-14)
    assert adam.state().keys() == {"m", "s"}
    assert adam.state()["m"] is adam.m
    assert adam.state()["s"] is adam.s


def test_float32_stays_float32() -> None:
    adam = player([0.0, 1.0], dtype=np.float32)
    adam.descend(Parameters(SHAPES, np.ones(2, np.float32)))
    assert {adam.theta.vector.dtype, adam.m.dtype, adam.s.dtype} == {np.dtype(np.float32)}
