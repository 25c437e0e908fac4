"""v <- mu v -/+ eta g; theta <- theta + v, compared with numbers by hand and with a slow loop."""

from __future__ import annotations

import tracemalloc
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.optimizers import Momentum, ascend, blocks, descend
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay, LinearRamp

SHAPES = {"w": (3,)}


def test_two_steps_by_hand() -> None:
    theta, g = Parameters(SHAPES, np.array([1.0, 2.0, 3.0])), Parameters(SHAPES, np.ones(3))
    v = np.zeros(3)
    descend(theta, g, v, eta=0.5, mu=0.25)  # v = -0.5
    np.testing.assert_array_equal(theta.vector, [0.5, 1.5, 2.5])
    descend(theta, g, v, eta=0.5, mu=0.25)  # v = -0.125 - 0.5
    np.testing.assert_array_equal(v, [-0.625] * 3)
    np.testing.assert_array_equal(theta.vector, [-0.125, 0.875, 1.875])
    ascend(theta, g, v, eta=0.5, mu=0.25)  # v = -0.15625 + 0.5
    np.testing.assert_array_equal(v, [0.34375] * 3)
    np.testing.assert_array_equal(theta.vector, [0.21875, 1.21875, 2.21875])
    assert theta.version == 3
    np.testing.assert_array_equal(g.vector, 1)


@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 20), up=st.booleans())
def test_momentum_follows_its_schedules_update_by_update(seed: int, steps: int, up: bool) -> None:
    rng = np.random.default_rng(seed)
    theta = Parameters(SHAPES, rng.standard_normal(3))
    eta, mu = ExponentialDecay(0.1, 1.5, 0.01), LinearRamp(0.5, 0.7, 1, 5, updates_per_epoch=2)
    player = Momentum(theta, eta, mu)
    slow_theta, slow_v = theta.vector.tolist(), [0.0, 0.0, 0.0]
    for t in range(steps):
        g = rng.standard_normal(3)
        (player.ascend if up else player.descend)(Parameters(SHAPES, g))
        for i in range(3):
            slow_v[i] = mu(t) * slow_v[i] + (eta(t) if up else -eta(t)) * g[i]
            slow_theta[i] += slow_v[i]
    np.testing.assert_allclose(player.v, slow_v, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(theta.vector, slow_theta, rtol=1e-12, atol=1e-14)
    assert player.updates == theta.version == steps


def test_the_velocity_is_a_field_and_not_an_argument() -> None:
    assert {field.name: field.init for field in fields(Momentum)} == {
        "theta": True,
        "eta": True,
        "mu": True,
        "updates": True,
        "v": False,
    }


def test_an_update_uses_the_schedules_and_the_state_is_the_velocity() -> None:
    theta = Parameters({"a": (2,)}, np.zeros(2))
    player = Momentum(theta, ExponentialDecay(0.8, 2.0), Constant(0.5))
    assert [player.hyperparameters(t) for t in (0, 3)] == [
        {"eta": 0.8, "mu": 0.5},
        {"eta": 0.1, "mu": 0.5},
    ]
    assert player.state() == {"v": player.v}
    assert player.state()["v"] is player.v


def test_without_momentum_descent_finds_a_minimum_and_ascent_a_maximum() -> None:
    for method, sign in (("descend", 1), ("ascend", -1)):
        theta = Parameters(SHAPES, np.array([4.0, -2.0, 1.0]))
        player = Momentum(theta, Constant(0.25), Constant(0.0))
        for _ in range(50):  # f = sign * |theta|^2 has its optimum at 0
            getattr(player, method)(Parameters(SHAPES, sign * 2 * theta.vector))
        assert abs(theta.vector).max() < 1e-12


def test_float32_and_complex_parameters_keep_their_dtype() -> None:
    for dtype in (np.float32, np.complex128):
        theta, g = Parameters.zeros(SHAPES, dtype), Parameters(SHAPES, np.ones(3, dtype))
        player = Momentum(theta, Constant(0.5), Constant(0.5))
        player.descend(g)
        assert theta.vector.dtype == player.v.dtype == dtype


@pytest.mark.parametrize("size", [1, 4, 5, 8, 11])
def test_blocks_update_every_number_with_the_same_bits(monkeypatch, size) -> None:
    rng = np.random.default_rng(size)
    start, v_0, g = (rng.standard_normal(size).astype(np.float32) for _ in range(3))
    expected_v = np.float32(0.7) * v_0 - np.float32(0.1) * g
    monkeypatch.setattr(blocks, "BLOCK", 4)
    theta, v = Parameters({"w": (size,)}, start.copy()), v_0.copy()
    descend(theta, Parameters({"w": (size,)}, g), v, eta=0.1, mu=0.7)
    np.testing.assert_array_equal(v, expected_v)
    np.testing.assert_array_equal(theta.vector, start + expected_v)


def test_an_update_of_a_large_network_uses_at_most_half_a_megabyte() -> None:
    theta, g = (Parameters({"w": (10**6,)}, np.ones(10**6, np.float32)) for _ in range(2))
    v = np.zeros(10**6, np.float32)
    tracemalloc.start()
    try:
        descend(theta, g, v, eta=0.1, mu=0.5)
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()
