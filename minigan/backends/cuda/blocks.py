"""A network on a GPU, computed in blocks of layers: matrix products and one kernel per block.

    block       a linear layer with the activation and the dropout that follow it
    forward     a = x W by cuBLAS, then one kernel: a += b, activation, dropout
    backward    one kernel: dropout, activation, db; then dW = x^T da and dx = da W^T by cuBLAS

On a GPU the matrix products take little time. The time depends on how often the arrays between
them are read and written, so one kernel does all elementwise work of a block. The forward pass of a
block writes the same arrays to the trace as its layers would. A block without a kernel, for
example one with a custom layer, is computed layer by layer. So is a convolution or pooling, which
has kernels of its own (device_layers.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from minigan.arrays import Array
from minigan.backends.cuda.device_layers import IMAGES, on_device
from minigan.backends.cuda.launcher import Launcher
from minigan.layers import Dropout, Layer, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.trace import LayerTrace, Trace


@dataclass(frozen=True)
class Block:
    """Adjacent layers of a network: the index `start` and the `name` of the first, and all."""

    start: int
    name: str
    layers: tuple[Layer, ...]

    @property
    def stop(self) -> int:
        """The index after that of the last layer."""
        return self.start + len(self.layers)

    @property
    def kinds(self) -> tuple[type, ...]:
        """The exact class of each layer; the kernels are not used for subclasses."""
        return tuple(map(type, self.layers))


def split(names: Sequence[str], layers: Sequence[Layer]) -> tuple[Block, ...]:
    """The blocks of a chain of layers.

    Each linear layer starts a new block, and each convolution or pooling is a block of its own.
    """
    starts = {0, *(i for i, layer in enumerate(layers) if type(layer) is Linear)}
    for i, layer in enumerate(layers):
        if type(layer) in IMAGES:
            starts |= {i, i + 1}
    return tuple(
        Block(start, names[start], tuple(layers[start:stop]))
        for start, stop in pairwise(sorted({*starts, len(layers)}))
    )


@dataclass(frozen=True)
class FusedNetwork(Network):
    """A `Network` whose passes run as kernels; theta, x and dy must be float32."""

    xp: Any = field(repr=False, compare=False)
    launch: Launcher = field(repr=False, compare=False)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The layers, grouped into blocks."""
        return split(self.names, self.layers)

    @cached_property
    def one_by_one(self) -> tuple[Layer, ...]:
        """The layers, with kernels where a layer has its own."""
        return on_device(self.layers, self.launch)

    def _forward_layers(self, theta: Parameters, x: Array, trace: Trace, layers: range) -> Array:
        h = x
        for block in self.blocks:
            h = self._forward_block(block, theta, h, trace)
        return h

    def _backward_layers(
        self,
        theta: Parameters,
        dy: Array,
        trace: Trace,
        layers: range,
        dtheta: Parameters | None,
        inputs: bool,
    ) -> Array:
        for block in reversed(self.blocks):
            if block.stop > layers.start:
                part = range(max(block.start, layers.start), block.stop)
                needs_dx = inputs or part.start > layers.start
                dy = self._backward_block(block, theta, dy, trace, part, dtheta, needs_dx)
        return dy

    def _forward_block(self, block: Block, theta: Parameters, x: Array, trace: Trace) -> Array:
        traces = trace.layers[block.start : block.stop]
        if block.kinds == (Dropout,) and traces[0].mask is not None:
            traces[0].x = x
            self._drop(x, traces[0], traces[0].y, block)
            return traces[0].y
        if _is_logit(block):
            return self._logit(block, theta, traces[0], x)
        if _is_product(block):
            return self._product(block, theta, traces, x)
        return super()._forward_layers(theta, x, trace, range(block.start, block.stop))

    def _backward_block(
        self,
        block: Block,
        theta: Parameters,
        dy: Array,
        trace: Trace,
        layers: range,
        dtheta: Parameters | None,
        inputs: bool,
    ) -> Array:
        """dx; writes dtheta of the block. The dx of layers inside the block may stay unwritten."""
        traces = trace.layers[block.start : block.stop]
        if block.kinds == (Dropout,) and traces[0].mask is not None and inputs:
            self._drop(dy, traces[0], traces[0].dx, block)
            return traces[0].dx
        if _is_logit(block):
            return self._logit_backward(block, theta, traces[0], dy, dtheta, inputs)
        if _is_product(block):
            return self._product_backward(block, theta, traces, dy, dtheta, inputs)
        return super()._backward_layers(theta, dy, trace, layers, dtheta, inputs)

    def _drop(self, x: Array, trace: LayerTrace, y: Array, block: Block) -> None:
        keep = block.layers[0].mask_keep
        assert keep is not None
        self.launch.each("dropout", x.size, x, trace.mask, 1 / keep, y, x.size)

    def _logit(self, block: Block, theta: Parameters, trace: LayerTrace, x: Array) -> Array:
        m, u = x.shape
        W, b = _of(theta, block)
        trace.x = x
        self.launch.rows("logit", m, x, W, b, trace.y, m, u)
        return trace.y

    def _logit_backward(
        self,
        block: Block,
        theta: Parameters,
        trace: LayerTrace,
        dy: Array,
        dtheta: Parameters | None,
        inputs: bool,
    ) -> Array:
        m, u = trace.x.shape
        W, _ = _of(theta, block)
        dW, db = (None, None) if dtheta is None else _of(dtheta, block)
        dx = trace.dx if inputs else None
        self.launch.columns("logit_backward", u + 1, dy, trace.x, W, dx, dW, db, m, u)
        return trace.dx if inputs else dy

    def _product(
        self, block: Block, theta: Parameters, traces: Sequence[LayerTrace], x: Array
    ) -> Array:
        W, b = _of(theta, block)
        a: Array = self.xp.matmul(x, W, out=traces[0].y)
        traces[0].x = x
        for below, above in pairwise(traces):
            above.x = below.y
        m, u = traces[-1].y.shape
        if len(traces) == 1:
            self.launch.each("bias", m * u, a, b, m, u)
            return a
        mask, scale, h = _dropout(block, traces)
        y = traces[1].y
        match block.layers[1]:
            case ReLU():
                self.launch.each("bias_relu", m * u, a, b, mask, scale, y, h, m, u)
            case Sigmoid():
                self.launch.each("bias_sigmoid", m * u, a, b, mask, scale, y, h, m, u)
            case Maxout(pieces=pieces):
                self.launch.each("bias_maxout", m * u, a, b, mask, scale, y, h, m, pieces, u)
        return y if h is None else h

    def _product_backward(
        self,
        block: Block,
        theta: Parameters,
        traces: Sequence[LayerTrace],
        dy: Array,
        dtheta: Parameters | None,
        inputs: bool,
    ) -> Array:
        W, _ = _of(theta, block)
        dW, db = (None, None) if dtheta is None else _of(dtheta, block)
        da = self._through_activation(block, traces, dy, db)
        if dW is not None:
            self.xp.matmul(traces[0].x.T, da, out=dW)
        if not inputs:
            return da
        dx: Array = self.xp.matmul(da, W.T, out=traces[0].dx)
        return dx

    def _through_activation(
        self, block: Block, traces: Sequence[LayerTrace], dh: Array, db: Array | None
    ) -> Array:
        """da (m, units of the linear layer); writes db if it is given."""
        m, u = dh.shape
        if len(traces) == 1:
            if db is not None:
                self.launch.columns("bias_backward", u, dh, db, m, u)
            return dh
        mask, scale, _ = _dropout(block, traces)
        a, y, da = traces[1].x, traces[1].y, traces[1].dx
        match block.layers[1]:
            case ReLU():
                self.launch.columns("relu_backward", u, dh, mask, scale, y, da, db, m, u)
            case Sigmoid():
                self.launch.columns("sigmoid_backward", u, dh, mask, scale, a, da, db, m, u)
            case Maxout(pieces=pieces):
                self.launch.columns(
                    "maxout_backward", pieces * u, dh, mask, scale, a, y, da, db, m, pieces, u
                )
        return da


def _is_logit(block: Block) -> bool:
    """Whether the block is a single linear layer with one unit."""
    first = block.layers[0]
    return block.kinds == (Linear,) and isinstance(first, Linear) and first.units == 1


def _is_product(block: Block) -> bool:
    """Whether the block is a linear layer, optionally with an activation, then with dropout."""
    first, *rest = block.kinds
    return first is Linear and (
        not rest or (rest[0] in (ReLU, Sigmoid, Maxout) and rest[1:] in ([], [Dropout]))
    )


def _of(theta: Parameters, block: Block) -> tuple[Array, Array]:
    """W and b of the block's linear layer."""
    parts = theta.of(block.name)
    return parts["W"], parts["b"]


def _dropout(
    block: Block, traces: Sequence[LayerTrace]
) -> tuple[Array | None, float, Array | None]:
    """(mask, 1 / keep, output buffer) of the block's dropout; (None, 1, None) without a mask."""
    *_, last = block.layers
    mask = traces[-1].mask
    if not isinstance(last, Dropout) or mask is None:
        return None, 1.0, None
    return mask, 1 / last.keep, traces[-1].y
