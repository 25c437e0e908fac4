"""Adjusted: the updates of another optimizer, each followed by a change of theta."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigan.optimizers import Momentum
from minigan.optimizers.adjusted import Adjusted
from minigan.parameters import Parameters
from minigan.schedules import Constant

SHAPES = {"w": (2,)}


class Halved(Adjusted):
    """theta <- theta / 2 after each update."""

    def adjust(self) -> None:
        """Halve theta."""
        self.theta.vector[...] /= 2


def player(kind: type[Adjusted] = Halved) -> Any:
    return kind(Momentum(Parameters(SHAPES, np.zeros(2)), Constant(0.5), Constant(0.0)))


def test_theta_is_adjusted_after_each_update() -> None:
    adjusted, g = player(), Parameters(SHAPES, np.array([8.0, -8.0]))
    adjusted.ascend(g)
    np.testing.assert_array_equal(adjusted.theta.vector, [2.0, -2.0])
    adjusted.descend(g)
    np.testing.assert_array_equal(adjusted.theta.vector, [-1.0, 1.0])
    assert adjusted.updates == adjusted.optimizer.updates == 2


def test_an_optimizer_without_an_adjustment_is_refused() -> None:
    with pytest.raises(NotImplementedError, match=r"^Adjusted has no adjust: define it$"):
        player(Adjusted).ascend(Parameters(SHAPES, np.ones(2)))
