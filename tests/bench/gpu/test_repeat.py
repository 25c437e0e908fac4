"""Two plays end in the same bits; where they do not, it is seen after which iteration."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minigan.bench.gpu import repeat
from minigan.bench.gpu.repeat import Repeated, run_twice
from minigan.bench.gpu.workload import QUICK

pytestmark = pytest.mark.cupy

SHORT = replace(QUICK, repeated=2)


def test_two_plays_have_the_same_bits(backend):
    found = run_twice(backend, "simultaneous", SHORT)
    assert found == Repeated("simultaneous", 2, None)
    assert found.passed


def test_one_bit_that_differs_is_found(backend, monkeypatch):
    play, calls = repeat.UPDATE_ORDERS["simultaneous"], []

    def drifting(game, t):
        play(game, t)
        calls.append(t)
        if len(calls) == 4:  # the second play's second iteration
            game.player_g.v[:1] += 1e-7

    monkeypatch.setattr(repeat, "EVERY", 1)
    monkeypatch.setitem(repeat.UPDATE_ORDERS, "simultaneous", drifting)
    found = run_twice(backend, "simultaneous", SHORT)
    assert found == Repeated("simultaneous", 2, 2)
    assert not found.passed
