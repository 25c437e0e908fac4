"""Each layer of the recipe's networks, forward and backward, compared with its own limit.

    linear    limit: its matrix product alone, by `np.matmul` into a preallocated array
    others    limit: a copy of as many bytes, half of them read and half of them written

The numbers of rows are those of the D step: m for the layers of G, 2m for those of D. Each result
is first compared with the layer's formula in float64 (`formulas`).
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
from minigan.bench.timing import measure, timer
from minigan.layers import (
    ChannelMaxout,
    Convolution,
    Deconvolution,
    Dropout,
    Layer,
    Linear,
    Maxout,
    MaxPooling,
    Sigmoid,
    Theta,
)
from minigan.network import Network
from minigan.trace import LayerTrace
from minigan.training.recipes import Recipe

TOLERANCE = 1e-4  # relative to the largest number; float32, sums of at most 1,200 terms
COLUMNS = (
    Column("layer", key=True, narrow=True),
    Column("pass", key=True, narrow=True),
    Column("rows", key=True, narrow=True),
    Column("numbers in", key=True),
    Column("numbers out", key=True),
    Column("median", "µs", ratio=True, narrow=True),
    Column("q1", "µs"),
    Column("q3", "µs"),
    Column("speed", "GFLOP/s"),
    Column("moved", "GB/s"),
    Column("limit", "µs", narrow=True),
    Column("share of the limit", narrow=True),
    Column("check"),
    Column("max difference"),
)
CHECK = "its formula in float64"


@dataclass(frozen=True)
class LayerPass:
    """One pass of one layer, with its expected result.

    kind        "forward", "input" or "params"
    call        computes the pass and writes `result`
    touched     the arrays that the pass reads or writes
    flop        floating-point operations of its matrix product; 0 if there is none
    product     the two factors of that product
    patches     bytes of the patches that the product reads, or whose gradient it writes
    """

    kind: str
    call: Callable[[], object]
    result: Array
    expected: Array
    touched: tuple[Array, ...]
    flop: int = 0
    product: tuple[Array, Array] | None = None
    patches: int = 0

    @property
    def bytes(self) -> int:
        """Bytes that are read and written, each array counted once."""
        return sum(array.nbytes for array in self.touched)

    def limit(self) -> Callable[[], object]:
        """The matrix product and a copy of the patches, or else a copy of half the bytes."""
        source = np.ones(self.patches if self.product else self.bytes // 2, np.uint8)
        target = np.empty_like(source)
        if self.product is None:
            return lambda: np.copyto(target, source)
        a, b = self.product
        out = np.empty((a.shape[0], b.shape[1]), self.result.dtype)

        def product_and_copy() -> None:
            np.matmul(a, b, out=out)
            if self.patches:
                np.copyto(target, source)

        return product_and_copy


def layer_table(recipe: Recipe, *, rounds: int, at_least: float) -> Table:
    """The times of every layer of G and D. Raises WrongResult if a layer's result is wrong."""
    m = recipe.training.m
    G, D = networks(recipe)
    rows = [
        measured_row(f"{player} {name}", layer_pass, trace, rounds, at_least)
        for player, network, count in (("G", G, m), ("D", D, 2 * m))
        for name, trace, layer_pass in layer_passes(network, count)
    ]
    return Table("layers", f"Each layer, for a minibatch of {m}", COLUMNS, tuple(rows))


def layer_passes(network: Network, m: int) -> Iterator[tuple[str, LayerTrace, LayerPass]]:
    """(name of the layer, its trace, the pass) for every pass of every layer on m random rows."""
    rng = np.random.default_rng(0)
    theta, dtheta = network.initial(0, "theta"), network.zeros()
    masks = [rng.random((m, width)) < keep for width, keep in network.mask_sizes]
    x = rng.random((m, network.inputs), dtype=np.float32)
    layer_traces = network.forward(theta, x, masks).layers
    for name, layer, trace in zip(network.names, network.layers, layer_traces, strict=True):
        dy = rng.standard_normal(trace.y.shape, dtype=np.float32)
        for layer_pass in _passes(layer, trace, dy, theta.of(name), dtheta.of(name)):
            yield name, trace, layer_pass


def _passes(
    layer: Layer, trace: LayerTrace, dy: Array, theta: Theta, dtheta: Theta
) -> Iterator[LayerPass]:
    x, y, dx = trace.x, trace.y, trace.dx
    forward = partial(layer.forward, theta, trace)
    backward_input = partial(layer.backward_input, theta, trace, dy)
    expected = formulas.expected_results(layer, x, dy, theta, trace.mask)
    if isinstance(layer, Convolution | Deconvolution):
        W = theta["W"]
        backward_params = partial(layer.backward_params, dtheta, trace, dy)
        # A convolution reads P from x, a deconvolution writes P to y: dy has its gradient.
        at_positions = (dy if isinstance(layer, Convolution) else x).reshape(-1, W.shape[-1])
        P = np.ones((len(at_positions), W.size // W.shape[-1]), W.dtype)
        W_matrix, flop = W.reshape(P.shape[1], -1), 2 * len(P) * W.size
        from_P, to_P = (P, W_matrix), (at_positions, W_matrix.T)
        first, second = (from_P, to_P) if isinstance(layer, Convolution) else (to_P, from_P)
        yield LayerPass(
            *("forward", forward, y, expected["forward"], (x, W, y), flop, first, P.nbytes)
        )
        yield LayerPass(
            *("input", backward_input, dx, expected["input"], (dy, W, dx), flop, second, P.nbytes)
        )
        dW, product = dtheta["W"], (P.T, at_positions)
        yield LayerPass(
            *("params", backward_params, dW, expected["params"], (x, dy, dW)),
            flop,
            product,
            P.nbytes,
        )
        return
    if isinstance(layer, Linear):
        W, dW, flop = theta["W"], dtheta["W"], 2 * x.shape[0] * theta["W"].size
        backward_params = partial(layer.backward_params, dtheta, trace, dy)
        yield LayerPass("forward", forward, y, expected["forward"], (x, W, y), flop, (x, W))
        yield LayerPass(
            "input", backward_input, dx, expected["input"], (dy, W, dx), flop, (dy, W.T)
        )
        yield LayerPass(
            "params", backward_params, dW, expected["params"], (x, dy, dW), flop, (x.T, dy)
        )
        return
    mask = () if trace.mask is None else (trace.mask,)
    both = (x, y)
    needed = {
        Maxout: both,
        ChannelMaxout: both,
        MaxPooling: both,
        Sigmoid: (x,),
        Dropout: mask,
    }.get(type(layer), (y,))
    yield LayerPass("forward", forward, y, expected["forward"], (x, *mask, y))
    yield LayerPass("input", backward_input, dx, expected["input"], (dy, *needed, dx))


def measured_row(
    layer: str, layer_pass: LayerPass, trace: LayerTrace, rounds: int, at_least: float
) -> TableRow:
    """The row of one pass. Raises WrongResult if its result is wrong."""
    layer_pass.call()
    difference = checks.relative_difference(layer_pass.result, layer_pass.expected)
    checks.require(f"{layer}, {layer_pass.kind}", difference, TOLERANCE)
    timed = measure(
        {"layer": timer(layer_pass.call), "limit": timer(layer_pass.limit())},
        rounds=rounds,
        at_least=at_least,
    )
    one, limit = timed["layer"], timed["limit"]
    low, high = one.quartiles
    return (
        layer,
        layer_pass.kind,
        trace.x.shape[0],
        trace.x.shape[1],
        trace.y.shape[1],
        1e6 * one.median,
        1e6 * low,
        1e6 * high,
        layer_pass.flop / one.median / 1e9 if layer_pass.flop else None,
        layer_pass.bytes / one.median / 1e9,
        1e6 * limit.median,
        limit.median / one.median,
        CHECK,
        difference,
    )
