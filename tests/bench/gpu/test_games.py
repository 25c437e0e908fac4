"""Every backend starts from the same theta and uses the same draws."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.backends.numpy import NumPyBackend
from minigan.bench import setting
from minigan.bench.gpu.games import game_on, game_setup, host_thetas
from minigan.bench.gpu.workload import FULL, QUICK


@pytest.mark.cupy
def test_the_device_and_the_cpu_start_from_the_same_theta(backend):
    setup, numpy = game_setup("simultaneous", *QUICK.paper), NumPyBackend()
    device, cpu = (game_on(one, setup, 3, 2.0) for one in (backend, numpy))
    for theta, expected in zip(host_thetas(device, backend), host_thetas(cpu, numpy), strict=True):
        np.testing.assert_array_equal(theta, expected)
    np.testing.assert_array_equal(backend.to_host(device.draws.data(5)), cpu.draws.data(5))
    theta_d = setup.networks[1].initial(3, "theta_d").vector
    np.testing.assert_array_equal(host_thetas(cpu, numpy)[1], 2 * theta_d)


def test_the_full_workload_has_the_networks_of_the_cpu_benchmark():
    setup = game_setup("algorithm1", *FULL.paper)
    assert setup.networks == setting.networks(setting.mnist_2014("algorithm1", 100))
    assert setup.images.pixels.shape == (10_000, 784)
