"""Each layer of the recipe's networks, forward and backward, beside its own limit.

    linear    limit: its bare product, by `np.matmul` into an array that exists
    others    limit: a copy of the same bytes, half of them read and half written

The rows are those of the D step: m for G's layers, 2m for D's. Every result is first held against
the layer's formula written out in float64 (`formulas`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from minigan.arrays import Array
from minigan.bench import checks, formulas
from minigan.bench.setting import networks
from minigan.bench.tables import Column, Table, TableRow
from minigan.bench.timing import measure, repeated
from minigan.layers import Dropout, Layer, Linear, Maxout, Sigmoid, Theta
from minigan.network import Network
from minigan.trace import LayerTrace
from minigan.training.recipes import Recipe

TOLERANCE = 1e-4  # of the largest number of the result; float32, sums of at most 1,200 terms
COLUMNS = (
    Column("layer", key=True),
    Column("pass", key=True),
    Column("rows", key=True),
    Column("numbers in", key=True),
    Column("numbers out", key=True),
    Column("median", "µs", ratio=True),
    Column("q1", "µs"),
    Column("q3", "µs"),
    Column("speed", "GFLOP/s"),
    Column("moved", "GB/s"),
    Column("limit", "µs"),
    Column("share of the limit"),
    Column("check"),
    Column("max difference"),
)
CHECK = "its formula in float64"


@dataclass(frozen=True)
class Work:
    """One pass of one layer: the call, what it writes and should write, and what it must do.

    `touched`: the arrays that it reads or writes. `flop` is 0 and `product` None but for linear.
    """

    kind: str
    call: Callable[[], object]
    result: Array
    expected: Array
    touched: tuple[Array, ...]
    flop: int = 0
    product: tuple[Array, Array] | None = None

    @property
    def bytes(self) -> int:
        """What is read and written, each array once."""
        return sum(array.nbytes for array in self.touched)

    def limit(self) -> Callable[[], object]:
        """The bare product, or a copy of half the bytes from one array to another."""
        if self.product is not None:
            (a, b), out = self.product, np.empty_like(self.result)
            return lambda: np.matmul(a, b, out=out)
        source = np.ones(self.bytes // 2, np.uint8)
        target = np.empty_like(source)
        return lambda: np.copyto(target, source)


def layers(recipe: Recipe, *, rounds: int, at_least: float) -> Table:
    """Every layer of G and D. Raises WrongResult where one does not compute its formula."""
    m = recipe.training.m
    G, D = networks(recipe)
    rows = [
        _row(f"{player} {name}", work, part, rounds, at_least)
        for player, network, count in (("G", G, m), ("D", D, 2 * m))
        for name, part, work in passes(network, count)
    ]
    return Table("layers", f"Each layer, for a minibatch of {m}", COLUMNS, tuple(rows))


def passes(network: Network, m: int) -> Iterator[tuple[str, LayerTrace, Work]]:
    """Every pass of every layer, with the buffers of a forward pass of m random rows."""
    rng = np.random.default_rng(0)
    theta, dtheta = network.initial(0, "theta"), network.zeros()
    masks = [rng.random((m, width)) < keep for width, keep in network.mask_sizes]
    trace = network.forward(theta, rng.random((m, network.inputs), dtype=np.float32), masks)
    for name, layer, part in zip(network.names, network.layers, trace.layers, strict=True):
        dy = rng.standard_normal(part.y.shape, dtype=np.float32)
        for work in _works(layer, part, dy, theta.of(name), dtheta.of(name)):
            yield name, part, work


def _works(
    layer: Layer, part: LayerTrace, dy: Array, theta: Theta, dtheta: Theta
) -> Iterator[Work]:
    x, y, dx = part.x, part.y, part.dx
    forward = partial(layer.forward, theta, part)
    backward_input = partial(layer.backward_input, theta, part, dy)
    wanted = formulas.expected(layer, x, dy, theta, part.mask)
    if isinstance(layer, Linear):
        W, dW, flop = theta["W"], dtheta["W"], 2 * x.shape[0] * theta["W"].size
        backward_params = partial(layer.backward_params, dtheta, part, dy)
        yield Work("forward", forward, y, wanted["forward"], (x, W, y), flop, (x, W))
        yield Work("input", backward_input, dx, wanted["input"], (dy, W, dx), flop, (dy, W.T))
        yield Work("params", backward_params, dW, wanted["params"], (x, dy, dW), flop, (x.T, dy))
        return
    mask = () if part.mask is None else (part.mask,)
    needed = {Maxout: (x, y), Sigmoid: (x,), Dropout: mask}.get(type(layer), (y,))
    yield Work("forward", forward, y, wanted["forward"], (x, *mask, y))
    yield Work("input", backward_input, dx, wanted["input"], (dy, *needed, dx))


def _row(layer: str, work: Work, part: LayerTrace, rounds: int, at_least: float) -> TableRow:
    work.call()
    difference = checks.relative(work.result, work.expected)
    checks.require(f"{layer}, {work.kind}", difference, TOLERANCE)
    timed = measure(
        {"layer": repeated(work.call), "limit": repeated(work.limit())},
        rounds=rounds,
        at_least=at_least,
    )
    one, limit = timed["layer"], timed["limit"]
    low, high = one.quartiles
    return (
        layer,
        work.kind,
        part.x.shape[0],
        part.x.shape[1],
        part.y.shape[1],
        1e6 * one.median,
        1e6 * low,
        1e6 * high,
        work.flop / one.median / 1e9 if work.flop else None,
        work.bytes / one.median / 1e9,
        1e6 * limit.median,
        limit.median / one.median,
        CHECK,
        difference,
    )
