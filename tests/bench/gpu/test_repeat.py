"""Two trainings end in the same bits; otherwise the first different iteration is returned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minigan.bench.gpu import repeat
from minigan.bench.gpu.repeat import RepeatResult, run_twice
from minigan.bench.gpu.workload import QUICK

pytestmark = pytest.mark.cupy

SHORT = replace(QUICK, repeated=2)


def test_two_trainings_have_the_same_bits(backend):
    found = run_twice(backend, "simultaneous", SHORT)
    assert found == RepeatResult("simultaneous", 2, None)
    assert found.passed


def test_one_different_bit_is_detected(backend, monkeypatch):
    iterate, calls = repeat.UPDATE_ORDERS["simultaneous"], []

    def drifting(game, t):
        iterate(game, t)
        calls.append(t)
        if len(calls) == 4:  # the second iteration of the second training
            game.player_g.v[:1] += 1e-7

    monkeypatch.setattr(repeat, "EVERY", 1)
    monkeypatch.setitem(repeat.UPDATE_ORDERS, "simultaneous", drifting)
    found = run_twice(backend, "simultaneous", SHORT)
    assert found == RepeatResult("simultaneous", 2, 2)
    assert not found.passed
