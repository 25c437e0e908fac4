"""Times come from the device's own clock, and the launches that are told are those made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minigan.algorithm1 import UPDATE_ORDERS
from minigan.bench.gpu import timings
from minigan.bench.gpu.games import game_on, setting
from minigan.bench.gpu.workload import FULL, QUICK
from minigan.bench.limit import products_of

pytestmark = pytest.mark.cupy

ONCE = replace(QUICK, rounds=1)


def test_seconds_are_those_between_two_events_around_all_calls(cupy, monkeypatch):
    monkeypatch.setattr(cupy.cuda, "get_elapsed_time", lambda start, stop: 1500.0)
    calls = []
    with cupy.ledger.stretch() as seen:
        assert timings.by_events(lambda: calls.append(1), cupy)(7) == 1.5
    assert len(calls) == 7
    assert seen.names("synchronisation") == ["Event.synchronize"]  # once, at the end


@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
def test_an_iteration_has_the_launches_and_products_that_are_told(backend, cupy, schedule):
    game = game_on(backend, setting(schedule, *QUICK.played))
    UPDATE_ORDERS[schedule](game, 0)
    with cupy.ledger.stretch() as seen:
        UPDATE_ORDERS[schedule](game, 1)
    assert len(seen.launches) == timings.FUSED[schedule]
    wanted = [p for p in products_of(schedule, game.G, game.D, game.m) if p.u > 1]
    assert seen.launches.count("product") == len(wanted)


def test_the_bare_products_have_the_shapes_of_an_iteration(backend):
    game = game_on(backend, setting("algorithm1", *QUICK.played))
    wanted = products_of("algorithm1", game.G, game.D, 4)
    found = timings.on_device(backend, wanted)
    for product, (a, b, y) in zip(wanted, found, strict=True):
        assert (a.shape[0], b.shape[1]) == y.shape
        assert 2 * a.shape[0] * a.shape[1] * b.shape[1] == product.flop


def test_the_rows_of_a_schedule_have_everything_beside_each_other(backend):
    rows = timings.iterations(backend, "simultaneous", 4, ONCE)
    table = timings.table_of_iterations(rows, ONCE)
    assert table.column("what") == ["fused", "generic", "products", "cpu"]
    assert table.column("launches") == [39, None, 15, None]
    assert "mean nothing" in table.title
    of_fused = dict(zip((column.name for column in table.columns), rows[0], strict=True))
    seconds = of_fused["median"] / 1000
    assert of_fused["launched"] == pytest.approx(39 / seconds)
    assert of_fused["images"] == pytest.approx(4 / seconds)
    assert of_fused["/ products"] == pytest.approx(of_fused["median"] / rows[2][3])


def test_a_launch_is_timed_in_a_row_of_many(backend, cupy):
    with cupy.ledger.stretch() as seen:
        table = timings.launches(backend, replace(ONCE, launches=3))
    assert seen.by_name()["descend"] == 2 * 3  # the first call, and one round
    assert table.column("what") == ["a kernel", "a product"]


def test_every_schedule_and_minibatch_is_timed_the_small_ones_first():
    plan = timings.plan(FULL)
    assert len(plan) == len(set(plan)) == 2 * 6
    assert [m for _, m in plan] == sorted(m for _, m in plan)
