"""Times come from the clock of the device, and the reported launches are the real ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench.gpu import timings
from minigan.bench.gpu.games import game_on, game_setup
from minigan.bench.gpu.workload import FULL, QUICK
from minigan.bench.limit import operands, products_of

pytestmark = pytest.mark.cupy

ONCE = replace(QUICK, rounds=1)


def test_seconds_are_measured_between_two_events_around_all_calls(cupy, monkeypatch):
    monkeypatch.setattr(cupy.cuda, "get_elapsed_time", lambda start, stop: 1500.0)
    calls = []
    with cupy.ledger.stretch() as seen:
        assert timings.event_timer(lambda: calls.append(1), cupy)(7) == 1.5
    assert len(calls) == 7
    assert seen.names("synchronisation") == ["Event.synchronize"]  # once, at the end


@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
def test_an_iteration_has_the_reported_launches_and_products(backend, cupy, schedule):
    game = game_on(backend, game_setup(schedule, *QUICK.paper))
    UPDATE_ORDERS[schedule](game, 0)
    with cupy.ledger.stretch() as seen:
        UPDATE_ORDERS[schedule](game, 1)
    assert len(seen.launches) == timings.FUSED[schedule]
    products = [p for p in products_of(schedule, game.G, game.D, game.m) if p.u > 1]
    assert seen.launches.count("product") == len(products)


def test_the_products_alone_have_the_shapes_of_an_iteration(backend):
    game = game_on(backend, game_setup("algorithm1", *QUICK.paper))
    products = products_of("algorithm1", game.G, game.D, 4)
    arrays = operands(products, backend.asarray)
    for product, (a, b, y) in zip(products, arrays, strict=True):
        assert (a.shape[0], b.shape[1]) == y.shape
        assert 2 * a.shape[0] * a.shape[1] * b.shape[1] == product.flop


def test_each_update_order_has_a_row_for_each_candidate(backend):
    rows = timings.iteration_rows(backend, "simultaneous", 4, ONCE)
    table = timings.iterations_table(rows, ONCE)
    assert table.column("what") == [
        "minigan, drawn",
        "minigan, generic code",
        "products",
        "minigan on the CPU",
    ]
    assert table.column("launches") == [39, None, 15, None]
    assert "mean nothing" in table.title
    fused = dict(zip((column.name for column in table.columns), rows[0], strict=True))
    seconds = fused["median"] / 1000
    assert fused["launched"] == pytest.approx(39 / seconds)
    assert fused["images"] == pytest.approx(4 / seconds)
    assert fused["/ products"] == pytest.approx(fused["median"] / rows[2][3])


def test_a_launch_is_timed_as_part_of_many(backend, cupy):
    with cupy.ledger.stretch() as seen:
        table = timings.launch_table(backend, replace(ONCE, launches=3))
    assert seen.by_name()["descend"] == 2 * 3  # the first call, and one round
    assert table.column("what") == ["a kernel", "a product"]


def test_every_update_order_and_minibatch_is_timed_small_ones_first():
    plan = timings.timing_plan(FULL)
    assert len(plan) == len(set(plan)) == 2 * len(FULL.batches)
    assert [m for _, m in plan] == sorted(m for _, m in plan)
