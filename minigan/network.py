"""A network is a chain of layers; its backward pass walks the chain the other way.

    forward     x -> layer 1 -> layer 2 -> ... -> y       every layer leaves a page in the trace
    backward    dx <- layer 1 <- layer 2 <- ... <- dy     dtheta on the way (the chain rule)

A `Network` is only the description of a function: its parameters theta and its trace are passed
in, so that D(x; theta_d) in the paper is `D.forward(theta_d, x, masks)` here.

    D = Network(784, (Dropout(0.8), Linear(1200, 0.005), Maxout(240, 5), Linear(1, 0.005)))
    theta_d = D.initial(seed=1, stream="theta_d")
    d = D.forward(theta_d, x, masks)                 # d.y holds the logits
    dtheta_d, dx = D.backward(d, dlogits)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from minigan.arrays import Array, array_module
from minigan.descriptions import Dropout, Layer, Linear, Step
from minigan.draws import generator
from minigan.parameters import Parameters
from minigan.trace import Trace


@dataclass(frozen=True)
class Network:
    """`inputs` numbers in, through `layers`, to `outputs` numbers out.

    Raises ValueError where a layer cannot take the width that it is given.
    """

    inputs: int
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        _ = self.widths  # computed now, so that a chain that does not fit is refused here

    @cached_property
    def widths(self) -> list[int]:
        """The width before each layer, and after the last."""
        widths = [self.inputs]
        for layer in self.layers:
            widths.append(layer.width(widths[-1]))
        return widths

    @property
    def outputs(self) -> int:
        """The width of y."""
        return self.widths[-1]

    @cached_property
    def names(self) -> list[str]:
        """A name for each layer: linear1, relu1, linear2, ..."""
        kinds = [type(layer).__name__.lower() for layer in self.layers]
        return [f"{kind}{kinds[: i + 1].count(kind)}" for i, kind in enumerate(kinds)]

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter by its name, such as linear1.W, in the order of theta."""
        return {
            f"{name}.{key}": shape
            for name, layer, n in zip(self.names, self.layers, self.widths, strict=False)
            for key, shape in layer.shapes(n).items()
        }

    @cached_property
    def mask_sizes(self) -> list[tuple[int, float]]:
        """For each dropout layer in order: the width of its mask and the probability to keep."""
        return [
            (n, layer.keep)
            for layer, n in zip(self.layers, self.widths, strict=False)
            if isinstance(layer, Dropout)
        ]

    def zeros(self, dtype: Any = np.float32, xp: Any = np) -> Parameters:
        """Parameters of this network, all 0: a place for theta or for its gradient."""
        return Parameters.zeros(self.shapes, dtype, xp)

    def initial(self, seed: int, stream: str, dtype: Any = np.float32) -> Parameters:
        """theta before training: each W uniform on (-spread, spread), each b 0.

        W of layer `name` comes from the draw (seed, "stream/name.W", step 0).
        """
        theta = self.zeros(dtype)
        for name, layer in zip(self.names, self.layers, strict=True):
            if isinstance(layer, Linear):
                W = theta[f"{name}.W"]
                u = generator(seed, f"{stream}/{name}.W", 0).random(W.shape, dtype=np.float32)
                W[...] = (2 * u - 1) * np.float32(layer.spread)
        return theta

    def trace(self, m: int, dtype: Any = np.float32, xp: Any = np, y: Array | None = None) -> Trace:
        """Buffers for a pass of m rows; the last layer writes into y (m, outputs) if given."""
        xs = [xp.empty((m, n), dtype=dtype) for n in self.widths]
        if y is not None:
            xs[-1] = y
        return Trace([Step(x, y, xp.empty_like(x)) for x, y in pairwise(xs)])

    def forward(
        self,
        theta: Parameters,
        x: Array,
        masks: Sequence[Array] | None = None,
        *,
        trace: Trace | None = None,
    ) -> Trace:
        """y of x (m, inputs), in the returned trace's `.y` (m, outputs).

        `masks` holds one mask (m, width) per dropout layer, in order; with None, dropout does
        nothing (inverted dropout needs no correction). `trace=` gives the buffers to use. x is
        not copied: the backward pass reads it again. Raises ValueError for shapes or a dtype
        that do not fit.
        """
        if trace is None:
            trace = self.trace(len(x), theta.vector.dtype, array_module(x))
        self._refuse_misfits(theta, x, masks, trace)
        rest = iter(masks or ())
        for name, layer, step in zip(self.names, self.layers, trace.steps, strict=True):
            step.x = x
            step.mask = next(rest, None) if isinstance(layer, Dropout) else None
            x = layer.forward(_part(theta, name), step)
        trace.record(theta, x)
        return trace

    def backward(
        self,
        trace: Trace,
        dy: Array,
        *,
        params: bool = True,
        inputs: bool = True,
        out: Parameters | None = None,
    ) -> tuple[Parameters, Array]:
        """(dtheta, dx): the gradients of a loss, given dy = dL/dy (m, outputs) and the pass.

        dtheta has the names of theta and is written into `out` if given; dx (m, inputs) lies in
        the trace until its next backward pass. `params=False` computes no dtheta, and
        `inputs=False` no dx and nothing else below the lowest parameters; what was not computed
        comes back empty (no names; no columns). Raises StaleTraceError where theta has changed
        since the forward pass.
        """
        theta = trace.theta()
        xp = array_module(dy)
        shapes = self.shapes if params else {}
        dtheta = Parameters.zeros(shapes, theta.vector.dtype, xp) if out is None else out
        lowest = 0 if inputs else self._lowest_with_parameters
        for i in reversed(range(lowest, len(self.layers))):
            name, layer, step = self.names[i], self.layers[i], trace.steps[i]
            if params:
                layer.backward_params(_part(dtheta, name), step, dy)
            if inputs or i > lowest:
                dy = layer.backward_input(_part(theta, name), step, dy)
        return dtheta, dy if inputs else dy[:, :0]

    @cached_property
    def _lowest_with_parameters(self) -> int:
        return next((i for i, layer in enumerate(self.layers) if layer.shapes(1)), 0)

    def _refuse_misfits(
        self, theta: Parameters, x: Array, masks: Sequence[Array] | None, trace: Trace
    ) -> None:
        m = len(trace)
        if theta.shapes != self.shapes:
            raise ValueError("these parameters are those of another network")
        if x.shape != (m, self.inputs) or x.dtype != theta.vector.dtype:
            raise ValueError(
                f"x must be {theta.vector.dtype} of shape {(m, self.inputs)}, "
                f"not {x.dtype} of shape {x.shape}"
            )
        wanted = [(m, width) for width, _ in self.mask_sizes]
        if masks is not None and [mask.shape for mask in masks] != wanted:
            raise ValueError(f"masks must have the shapes {wanted}")


def _part(theta: Parameters, name: str) -> dict[str, Array]:
    """The parameters of one layer, by their short names W and b."""
    return {key: theta[f"{name}.{key}"] for key in ("W", "b") if f"{name}.{key}" in theta}
