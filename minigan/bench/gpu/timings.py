"""How long an iteration takes on a GPU: by the clock of the GPU itself, beside the bare products.

    record an event, so many calls, record another; the time between them is the GPU's own

    fused       the backend with its kernels
    generic     the same code, one operation a line
    products    the matrix products of the iteration and nothing else, into arrays that exist;
                without those of D's last layer, which has one unit and needs no product
    cpu         NumPy on this machine, by the processor's clock

Rounds, warm-up and medians are those of minigan.bench.timing. What is timed was verified before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigan.algorithm1 import UPDATE_ORDERS
from minigan.arrays import Array
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.bench.gpu.games import Setting, game_on, setting
from minigan.bench.gpu.workload import GPUWorkload
from minigan.bench.iteration import player
from minigan.bench.limit import Product, products_of
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import Repeat, Timed, measure, repeated
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant

FUSED = {"algorithm1": 53, "simultaneous": 39}  # launches of an iteration, k = 1: docs/backends.md
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
OF_LAUNCHES = (
    Column("what", key=True),
    Column("median", "µs", ratio=True),
    Column("fastest", "µs"),
    Column("launched", "1/s"),
)


def by_events(f: Callable[[], object], cupy: Any) -> Repeat:
    """f as a candidate of `measure`: seconds between two events of the device around the calls."""
    start, stop = cupy.cuda.Event(), cupy.cuda.Event()

    def repeat(calls: int) -> float:
        start.record()
        for _ in range(calls):
            f()
        stop.record()
        stop.synchronize()
        return float(cupy.cuda.get_elapsed_time(start, stop)) / 1000

    return repeat


def iterations(
    backend: CuPyBackend, schedule: str, m: int, workload: GPUWorkload
) -> list[TableRow]:
    """The rows of one schedule and one minibatch size."""
    width, side, _ = workload.played
    of, xp = setting(schedule, width, side, m), backend.xp
    products = [p for p in products_of(schedule, *of.networks, m) if p.u > 1]
    bare = on_device(backend, products)
    generic = CuPyBackend(xp, backend.device)
    fused = game_on(backend, of)
    timed = measure(
        {
            "fused": by_events(player(of.recipe, fused), xp),
            "generic": by_events(player(of.recipe, game_on(generic, of)), xp),
            "products": by_events(lambda: [xp.matmul(a, b, out=y) for a, b, y in bare], xp),
        },
        rounds=workload.rounds,
        at_least=workload.at_least,
    )
    fused.check.flush()
    timed["cpu"] = _on_the_cpu(of, workload)
    launches = {"fused": FUSED[schedule], "products": len(products)}
    limit, flop = timed["products"].median, sum(product.flop for product in products)
    return [
        (
            *(schedule, m, what, *one.milliseconds(), one.median / limit, launches.get(what)),
            launches[what] / one.median if what in launches else None,
            *(flop / one.median / 1e9, m / one.median),
        )
        for what, one in timed.items()
    ]


def table_of_iterations(rows: list[TableRow], workload: GPUWorkload) -> Table:
    """The rows of every schedule and minibatch size as one table."""
    size = "" if workload.played[0] == 1 else ", tiny: these times mean nothing"
    title = f"One iteration, on the networks of mnist-2014{size}"
    return Table("iterations", title, COLUMNS, tuple(rows))


def launches(backend: CuPyBackend, workload: GPUWorkload) -> Table:
    """What a launch costs where there is nothing to compute: one number, one product."""
    xp, one = backend.xp, {"theta": (1,)}
    theta, g = (Parameters(one, xp.zeros(1, dtype=np.float32)) for _ in range(2))
    optimizer = backend.optimizer(Momentum(theta, Constant(0.1), Constant(0.5)))
    x, y = (xp.zeros((1, 1), dtype=np.float32) for _ in range(2))

    def in_a_row(f: Callable[[], object]) -> Callable[[], None]:
        def several() -> None:
            for _ in range(workload.launches):
                f()

        return several

    kernel = in_a_row(lambda: optimizer.descend(g))
    product = in_a_row(lambda: xp.matmul(x, x, out=y))
    candidates = {"a kernel": by_events(kernel, xp), "a product": by_events(product, xp)}
    rows: list[TableRow] = []
    for what, timed in measure(candidates, rounds=workload.rounds, at_least=0.0).items():
        median, fastest = (1e6 * t / workload.launches for t in (timed.median, timed.fastest))
        rows.append((what, median, fastest, 1e6 / median))
    return Table(
        "launches", "One launch, with the checks of its arguments", OF_LAUNCHES, tuple(rows)
    )


def on_device(backend: CuPyBackend, products: list[Product]) -> list[tuple[Array, Array, Array]]:
    """(a, b, out) of each product: a layer has one W and one dW, as in an iteration."""
    rng, arrays = np.random.default_rng(0), dict[tuple[str, str, int], Array]()

    def array(what: str, layer: str, rows: int, columns: int) -> Array:
        place = (what, layer, rows)
        if place not in arrays:
            host = rng.standard_normal((rows, columns), dtype=np.float32)
            arrays[place] = backend.asarray(host)
        return arrays[place]

    found = []
    for p in products:
        x, y = array("x", p.layer, p.m, p.n), array("y", p.layer, p.m, p.u)
        W = array("W", p.layer, p.n, p.u)
        if p.kind == "forward":
            found.append((x, W, y))
        elif p.kind == "input":
            found.append((y, W.T, array("dx", p.layer, p.m, p.n)))
        else:
            found.append((x.T, y, array("dW", p.layer, p.n, p.u)))
    return found


def _on_the_cpu(of: Setting, workload: GPUWorkload) -> Timed:
    play = player(of.recipe, game_on(NumPyBackend(), of))
    rounds = min(CPU_ROUNDS, workload.rounds)
    return measure({"cpu": repeated(play)}, rounds=rounds, at_least=0.0)["cpu"]


def plan(workload: GPUWorkload) -> list[tuple[str, int]]:
    """Every schedule and minibatch size that is timed, the quick ones first."""
    return [(schedule, m) for m in sorted(workload.batches) for schedule in UPDATE_ORDERS]
