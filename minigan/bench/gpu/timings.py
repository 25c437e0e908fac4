"""The time of an iteration on a GPU, compared with its matrix products alone.

    record an event, run the calls, record a second event; the GPU measures the time between them

    minigan, drawn           the backend with its kernels
    minigan, generic code    the backend without kernels: each line of NumPy is an operation of CuPy
    products                 only the matrix products of the iteration, into preallocated arrays;
                             without those of D's last layer, whose single unit needs no product
    minigan on the CPU       NumPy on this machine, timed by the host's clock

The table has the name, the labels and the minibatch sizes of that of a CPU, for `compare`.

Rounds, warm-up and medians are those of `minigan.bench.timing`. Results are verified before they
are timed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.bench.gpu.games import GameSetup, game_on, game_setup
from minigan.bench.gpu.workload import GPUWorkload
from minigan.bench.iteration import DRAWN, iteration_runner
from minigan.bench.limit import operands, products_of
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import Timed, Timer, measure, timer
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant

FUSED = {"algorithm1": 53, "simultaneous": 39}  # launches per iteration, k = 1: docs/backends.md
CPU_ROUNDS = 3
COLUMNS = (
    Column("schedule", key=True),
    Column("m", key=True),
    Column("what", key=True),
    *TIMES,
    Column("/ products"),
    Column("launches"),
    Column("launched", "1/s"),
    Column("speed", "GFLOP/s"),
    Column("images", "1/s"),
)
LAUNCH_COLUMNS = (
    Column("what", key=True),
    Column("median", "µs", ratio=True),
    Column("fastest", "µs"),
    Column("launched", "1/s"),
)


def event_timer(f: Callable[[], object], cupy: Any) -> Timer:
    """A timer of f: the seconds between two events of the device around the calls."""
    start, stop = cupy.cuda.Event(), cupy.cuda.Event()

    def seconds_of(calls: int) -> float:
        start.record()
        for _ in range(calls):
            f()
        stop.record()
        stop.synchronize()
        return float(cupy.cuda.get_elapsed_time(start, stop)) / 1000

    return seconds_of


def iteration_rows(
    backend: CuPyBackend, schedule: str, m: int, workload: GPUWorkload
) -> list[TableRow]:
    """The rows of one update order and one minibatch size."""
    width, side, _ = workload.paper
    setup, xp = game_setup(schedule, width, side, m), backend.xp
    products = [p for p in products_of(schedule, *setup.networks, m) if p.u > 1]
    arrays = operands(products, backend.asarray)
    fused, generic = game_on(backend, setup), game_on(CuPyBackend(xp, backend.device), setup)
    timed = measure(
        {
            DRAWN: event_timer(iteration_runner(setup.recipe, fused), xp),
            "minigan, generic code": event_timer(iteration_runner(setup.recipe, generic), xp),
            "products": event_timer(lambda: [xp.matmul(a, b, out=y) for a, b, y in arrays], xp),
        },
        rounds=workload.rounds,
        at_least=workload.at_least,
    )
    fused.check.flush()
    timed["minigan on the CPU"] = _time_on_cpu(setup, workload)
    launches = {DRAWN: FUSED[schedule], "products": len(products)}
    limit, flop = timed["products"].median, sum(product.flop for product in products)
    return [
        (
            *(schedule, m, what, *one.milliseconds(), one.median / limit, launches.get(what)),
            launches[what] / one.median if what in launches else None,
            *(flop / one.median / 1e9, m / one.median),
        )
        for what, one in timed.items()
    ]


def iterations_table(rows: list[TableRow], workload: GPUWorkload) -> Table:
    """The rows of all update orders and minibatch sizes as one table."""
    size = "" if workload.paper[0] == 1 else ", tiny: these times mean nothing"
    title = f"One iteration, on the networks of mnist-2014{size}"
    return Table("iteration", title, COLUMNS, tuple(rows))


def launch_table(backend: CuPyBackend, workload: GPUWorkload) -> Table:
    """The time of one launch with almost nothing to compute: one kernel, one product."""
    xp, shapes = backend.xp, {"theta": (1,)}
    theta, g = (Parameters(shapes, xp.zeros(1, dtype=np.float32)) for _ in range(2))
    optimizer = backend.optimizer(Momentum(theta, Constant(0.1), Constant(0.5)))
    x, y = (xp.zeros((1, 1), dtype=np.float32) for _ in range(2))

    def repeated(f: Callable[[], object]) -> Callable[[], None]:
        def launches() -> None:
            for _ in range(workload.launches):
                f()

        return launches

    kernel = repeated(lambda: optimizer.descend(g))
    product = repeated(lambda: xp.matmul(x, x, out=y))
    candidates = {"a kernel": event_timer(kernel, xp), "a product": event_timer(product, xp)}
    rows: list[TableRow] = []
    for what, timed in measure(candidates, rounds=workload.rounds, at_least=0.0).items():
        median, fastest = (1e6 * t / workload.launches for t in (timed.median, timed.fastest))
        rows.append((what, median, fastest, 1e6 / median))
    return Table(
        "launches", "One launch, with the checks of its arguments", LAUNCH_COLUMNS, tuple(rows)
    )


def _time_on_cpu(setup: GameSetup, workload: GPUWorkload) -> Timed:
    next_iteration = iteration_runner(setup.recipe, game_on(NumPyBackend(), setup))
    rounds = min(CPU_ROUNDS, workload.rounds)
    return measure({"cpu": timer(next_iteration)}, rounds=rounds, at_least=0.0)["cpu"]


def timing_plan(workload: GPUWorkload) -> list[tuple[str, int]]:
    """Every (update order, minibatch size) that is timed, small minibatches first."""
    return [(schedule, m) for m in sorted(workload.batches) for schedule in UPDATE_ORDERS]
