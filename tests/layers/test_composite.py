"""The composite: observed values exactly, G elsewhere, the mask, and all three gradients."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from slow import complex_step, weighted

from minigan.layers import Composite
from minigan.network import Network

NETWORK = Network(6, (Composite(),))


def test_observed_values_are_kept_exactly_and_the_others_are_those_of_G():
    g, k, s = [0.1, 0.7], [0.3, 0.0], [1.0, 0.0]
    row = np.array([[*g, *k, *s]], np.float32)
    y = NETWORK.forward(NETWORK.zeros(), row).y
    assert y.tolist() == np.array([[0.3, 0.7, 1, 0]], np.float32).tolist()
    np.testing.assert_array_equal(y[0, 0], np.float32(0.3))


def test_the_gradient_of_every_input_is_that_of_the_complex_step():
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((3, 6)), rng.standard_normal((3, 4))

    def by_hand(x):
        g, k, s = x[:, :2], x[:, 2:4], x[:, 4:]
        return np.concatenate([k + (1 - s) * g, s], axis=1)

    theta = NETWORK.zeros(np.float64)
    trace = NETWORK.forward(theta, x)
    np.testing.assert_allclose(trace.y, by_hand(x), rtol=1e-15)
    _, dx = NETWORK.backward(trace, dy)
    expected = complex_step(lambda x: weighted(by_hand(x), dy), x)
    np.testing.assert_allclose(dx, expected, rtol=1e-13)


def test_a_row_needs_three_equal_parts():
    with pytest.raises(ValueError, match="a row of 7 numbers has no three equal parts"):
        Network(7, (Composite(),))


def test_the_width_is_two_thirds_of_a_row_of_three_equal_parts() -> None:
    assert [Composite().width(n) for n in (3, 6, 9)] == [2, 4, 6]
    for n in (2, 4, 8):
        with pytest.raises(ValueError, match="has no three equal parts"):
            Composite().width(n)


def test_the_layer_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Composite().units = 2  # type: ignore[attr-defined]
