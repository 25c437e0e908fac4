"""Every backend has the members of the protocol."""

from __future__ import annotations

import dataclasses
import inspect

import pytest
import tiny
from softgpu import standin

from minigan.backends.cuda.fused import FusedBackend
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend, GameParts
from minigan.game import Game

NAMES = {name for name in vars(Backend) if not name.startswith("_")}
BACKENDS = [NumPyBackend, lambda: CuPyBackend(standin.CuPy()), lambda: FusedBackend(standin.CuPy())]


def test_the_protocol_has_these_members_and_one_method_that_replaces_parts():
    assert {"name", "xp", "memory", "asarray", "to_host", "network", "adapt"} == NAMES
    fields = {one.name for one in dataclasses.fields(Game) if one.init}
    parts = {one.name for one in dataclasses.fields(GameParts)}
    numbers = {"k", "weight_of_V", "g_steps"}
    assert parts == fields - numbers


def test_numpy_uses_the_parts_of_a_game_as_they_are():
    game = tiny.experiment().game
    parts = GameParts(
        **{one.name: getattr(game, one.name) for one in dataclasses.fields(GameParts)}
    )
    assert NumPyBackend().adapt(parts) is parts
    assert NumPyBackend().network(game.G) is game.G


@pytest.mark.parametrize("make", BACKENDS)
def test_a_backend_has_every_member_and_the_arguments_of_the_protocol(make):
    backend = make()
    assert {name for name in NAMES if not hasattr(backend, name)} == set()
    for name in NAMES:
        member = inspect.getattr_static(Backend, name)
        if inspect.isfunction(member):
            _, *expected = inspect.signature(member).parameters.values()
            actual = inspect.signature(getattr(backend, name)).parameters.values()
            assert [(p.name, p.kind) for p in actual] == [(p.name, p.kind) for p in expected]
