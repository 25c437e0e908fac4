"""On the CPU arrays are not copied."""

from __future__ import annotations

import numpy as np

from minigan.backends.numpy import NumPyBackend


def test_arrays_are_passed_through_without_a_copy():
    backend, x = NumPyBackend(), np.arange(3.0)
    assert backend.asarray(x) is x
    assert backend.to_host(x) is x


def test_its_name_and_array_module_are_those_of_the_cpu():
    assert NumPyBackend().name == "cpu"
    assert NumPyBackend().xp is np
