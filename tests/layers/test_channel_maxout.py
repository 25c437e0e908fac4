"""Maxout over channels: maxout at each position, its tangent, and the widths that it refuses."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from minigan.layers import ChannelMaxout, maxout
from minigan.network import Network
from minigan.trace import LayerTrace


def test_channel_maxout_is_maxout_at_each_position_of_an_image() -> None:
    rng = np.random.default_rng(0)
    layer = ChannelMaxout(3, 2)
    x, dy = rng.integers(-1, 2, (4, 5 * 6)).astype(float), rng.standard_normal((4, 5 * 3))
    network = Network(30, (layer,))
    trace = network.forward(network.zeros(np.float64), x)
    _, dx = network.backward(trace, dy)
    at, dy_at = x.reshape(20, 6), dy.reshape(20, 3)
    y_at = maxout.forward(at, 2)
    np.testing.assert_array_equal(trace.y, y_at.reshape(4, 15))
    np.testing.assert_array_equal(dx, maxout.backward_input(dy_at, at, y_at, 2).reshape(4, 30))
    assert trace.y is trace.layers[0].y
    assert dx is trace.layers[0].dx


def test_the_tangent_of_channel_maxout_is_the_transposed_map_of_backward_input() -> None:
    rng = np.random.default_rng(1)
    layer, (x, q) = ChannelMaxout(2, 3), rng.integers(-2, 3, (2, 4, 5 * 6)).astype(float)
    trace = LayerTrace(x, np.empty((4, 5 * 2)), np.empty_like(x))
    layer.forward({}, trace)
    dy = rng.integers(-9, 10, trace.y.shape).astype(float)
    along = layer.tangent({}, trace, q)
    assert along.shape == trace.y.shape
    assert (along * dy).sum() == (q * layer.backward_input({}, trace, dy)).sum()
    assert layer.curvature({}, trace, dy, q) is None


def test_channel_maxout_of_the_wrong_width_is_refused() -> None:
    assert ChannelMaxout(2, 3).width(12) == 4
    assert ChannelMaxout(1, 1).width(1) == 1
    for n in (0, 9):
        with pytest.raises(
            ValueError, match=f"2 units with 3 pieces needs a multiple of 6 inputs, not {n}"
        ):
            ChannelMaxout(2, 3).width(n)
    with pytest.raises(ValueError, match="at least one unit and one piece, not 0 and 3"):
        ChannelMaxout(0, 3)
    with pytest.raises(FrozenInstanceError):
        ChannelMaxout(2, 3).units = 1  # type: ignore[misc]
