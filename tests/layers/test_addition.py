"""The addition of the two halves of a row, and its gradient."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from minigan.layers import Addition
from minigan.network import Network


def test_the_halves_are_added_and_both_get_the_gradient():
    network = Network(4, (Addition(),))
    trace = network.forward(network.zeros(), np.array([[1, 2, 10, 20]], np.float32))
    assert trace.y.tolist() == [[11, 22]]
    _, dx = network.backward(trace, np.array([[3, 5]], np.float32))
    assert dx.tolist() == [[3, 5, 3, 5]]


def test_a_row_needs_two_equal_halves():
    with pytest.raises(ValueError, match="a row of 5 numbers has no two equal halves"):
        Network(5, (Addition(),))


def test_the_width_is_half_and_the_sum_is_written_to_the_trace():
    assert [Addition().width(n) for n in (2, 4, 6)] == [1, 2, 3]
    network = Network(2, (Addition(),))
    trace = network.forward(network.zeros(), np.array([[1, 10]], np.float32))
    y = trace.layers[0].y
    again = Addition().forward({}, trace.layers[0])
    assert again is y


def test_the_layer_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Addition().units = 2  # type: ignore[attr-defined]
