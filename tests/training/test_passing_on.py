"""Layers that pass further columns on: their own result, and the columns unchanged."""

from __future__ import annotations

import numpy as np

from minigan.layers import Linear, ReLU
from minigan.network import Network
from minigan.training.passing_on import passing_on


def test_the_first_columns_are_those_of_the_layers_and_the_last_are_passed_on():
    layers = (Linear(5, 1.0), ReLU(), Linear(2, 1.0))
    alone, beside = Network(3, layers), Network(7, tuple(passing_on(layers, 3, 4)))
    rows = np.random.default_rng(0).standard_normal((6, 7)).astype(np.float32)
    theta = alone.initial(1, "theta_g")
    both = beside.zeros()
    both.assign(theta.vector)
    y = beside.forward(both, rows).y
    np.testing.assert_array_equal(y[:, :2], alone.forward(theta, rows[:, :3].copy()).y)
    np.testing.assert_array_equal(y[:, 2:], rows[:, 3:])
