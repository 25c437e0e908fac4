"""Every backend starts from the same theta and gets the same draws."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.backends.numpy import NumPyBackend
from minigan.bench import setting as of_bench
from minigan.bench.gpu.games import game_on, setting, thetas
from minigan.bench.gpu.workload import FULL, QUICK


@pytest.mark.cupy
def test_the_device_starts_where_the_cpu_starts(backend):
    of = setting("simultaneous", *QUICK.played)
    device, cpu = (game_on(by, of, 3, 2.0) for by in (backend, NumPyBackend()))
    for ours, theirs in zip(thetas(device), thetas(cpu), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(backend.to_host(device.draws.data(5)), cpu.draws.data(5))
    np.testing.assert_array_equal(thetas(cpu)[1], 2 * of.networks[1].initial(3, "theta_d").vector)


def test_in_full_the_networks_are_those_that_are_benchmarked_on_the_cpu():
    of = setting("algorithm1", *FULL.played)
    assert of.networks == of_bench.networks(of_bench.mnist_2014("algorithm1", 100))
    assert of.images.pixels.shape == (10_000, 784)
