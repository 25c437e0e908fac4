"""Both backends have the four names of the protocol, and no more."""

from __future__ import annotations

import pytest

from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend

NAMES = {"name", "xp", "asarray", "to_host"}


def public(cls):
    return {name for name in vars(cls) if not name.startswith("_")}


def test_the_protocol_has_four_names():
    assert public(Backend) == NAMES


@pytest.mark.parametrize("cls", [NumPyBackend, CuPyBackend])
def test_a_backend_has_the_methods_of_the_protocol(cls):
    # `name` and `xp` may be set when the backend is made.
    assert {"asarray", "to_host"} <= public(cls) <= NAMES
