"""Every backend has the names of the protocol."""

from __future__ import annotations

import inspect

import pytest
from softgpu import standin

from minigan.backends.cuda.fused import FusedBackend
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend

NAMES = {name for name in vars(Backend) if not name.startswith("_")}
BACKENDS = [NumPyBackend, lambda: CuPyBackend(standin.CuPy()), lambda: FusedBackend(standin.CuPy())]


def test_the_protocol_says_where_arrays_live_and_what_a_device_may_replace():
    where = {"name", "xp", "memory", "asarray", "to_host"}
    what = {"blocks", "guard", "draws", "value_with_gradient", "loss_with_gradient", "descend"}
    assert where | what == NAMES


@pytest.mark.parametrize("make", BACKENDS)
def test_a_backend_has_every_name_and_the_arguments_of_the_protocol(make):
    backend = make()
    assert {name for name in NAMES if not hasattr(backend, name)} == set()
    for name in NAMES:
        wanted = inspect.getattr_static(Backend, name)
        if inspect.isfunction(wanted):
            _, *parameters = inspect.signature(wanted).parameters.values()
            given = inspect.signature(getattr(backend, name)).parameters.values()
            assert [(p.name, p.kind) for p in given] == [(p.name, p.kind) for p in parameters]
