"""What all optimizers have in common: they count updates, and their state is their own arrays."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.optimizers import Momentum, Optimizer
from minigan.parameters import Parameters
from minigan.schedules import Constant

RATE = Constant(0.1)


def made(kind: str) -> Optimizer:
    theta = Parameters({"w": (2,)}, np.array([1.0, -2.0]))
    return {"Momentum": lambda: Momentum(theta, RATE, RATE)}[kind]()


@pytest.mark.parametrize("kind", ["Momentum"])
@pytest.mark.parametrize(("method", "sign"), [("ascend", 1), ("descend", -1)])
def test_an_update_goes_in_the_direction_of_its_name_and_is_counted(kind, method, sign):
    player = made(kind)
    before, g = player.theta.vector.copy(), Parameters({"w": (2,)}, np.array([3.0, -0.5]))
    getattr(player, method)(g)
    np.testing.assert_array_equal(np.sign(player.theta.vector - before), sign * np.sign(g.vector))
    assert player.updates == player.theta.version == 1
    np.testing.assert_array_equal(g.vector, [3.0, -0.5])


@pytest.mark.parametrize("kind", ["Momentum"])
def test_the_state_is_the_arrays_themselves_and_hyperparameters_are_numbers(kind):
    player = made(kind)
    again = player.state()
    for name, array in player.state().items():
        assert array is again[name]
        assert array.shape == (2,)
    assert player.hyperparameters(0)["eta"] == 0.1
