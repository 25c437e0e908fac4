"""A network is a chain of layers: `forward` calls them in order, `backward` in reverse order.

    forward     x -> layer 1 -> layer 2 -> ... -> y
    backward    dx <- layer 1 <- layer 2 <- ... <- dy     and dtheta of every layer (chain rule)

A `Network` describes a function and holds no arrays: theta and the trace are arguments. The trace
has one `LayerTrace` per layer with its buffers x, y and dx. The y of a layer is the x of the next
layer, and the dx of a layer is the dy of the layer below it, so no array is copied between layers.

In the paper's notation D(x; theta_d) = sigma(a), and the logit a is the y of
`D.forward(theta_d, x, masks)`:

    D = Network(784, (Dropout(0.8), Linear(1200, 0.005), Maxout(240, 5), Linear(1, 0.005)))
    theta_d = D.initial(seed=1, stream="theta_d")
    d = D.forward(theta_d, x, masks)                 # a trace; d.y holds the logits (m, 1)
    dtheta_d, dx = D.backward(d, da)                 # given da = dL/da (m, 1) of a loss L
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

import numpy as np

from minigan.arrays import Array, array_module
from minigan.draws import generator
from minigan.layers import Layer
from minigan.parameters import Parameters
from minigan.trace import LayerTrace, Trace


@dataclass(frozen=True)
class Network:
    """A chain of `layers` that maps rows of `inputs` numbers to rows of `outputs` numbers.

    Raises ValueError if there is no layer, or if a layer does not accept the width of the
    layer before it.
    """

    inputs: int
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        if len(set(self.names)) < len(self.names):
            raise ValueError(f"two layers have one name in {', '.join(self.names)}: rename a class")
        _ = self.widths  # computed here, so that widths that do not match raise an error here

    @cached_property
    def widths(self) -> list[int]:
        """The number of inputs of each layer, then the number of outputs of the last layer."""
        widths = [self.inputs]
        for layer in self.layers:
            widths.append(layer.width(widths[-1]))
        return widths

    @property
    def outputs(self) -> int:
        """The width of y, the output of the last layer."""
        return self.widths[-1]

    @cached_property
    def names(self) -> list[str]:
        """A name for each layer: linear1, relu1, linear2, ..."""
        kinds = [type(layer).__name__.lower() for layer in self.layers]
        return [f"{kind}{kinds[: i + 1].count(kind)}" for i, kind in enumerate(kinds)]

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter by name, for example "linear1.W", in the order of theta."""
        return {
            f"{name}.{key}": shape
            for name, layer, n in zip(self.names, self.layers, self.widths[:-1], strict=True)
            for key, shape in layer.shapes(n).items()
        }

    @cached_property
    def mask_sizes(self) -> list[tuple[int, float]]:
        """(width, keep) of each layer that takes a mask; keep is the probability of True."""
        layers = zip(self.layers, self.widths[:-1], strict=True)
        return [(n, layer.mask_keep) for layer, n in layers if layer.mask_keep is not None]

    def zeros(self, dtype: Any = np.float32, xp: Any = np) -> Parameters:
        """Parameters of this network with all numbers 0, for theta or for its gradient."""
        return Parameters.zeros(self.shapes, dtype, xp)

    def initial(self, seed: int, stream: str, dtype: Any = np.float32) -> Parameters:
        """Initial parameters, drawn by the `initial` method of each layer.

        Each parameter has its own random generator. With the stream "theta_d", linear1.W is drawn
        from the generator (seed, "theta_d/linear1.W", 0).
        """
        theta = self.zeros(dtype)
        for name, layer in zip(self.names, self.layers, strict=True):
            layer.initial(theta.of(name), partial(_generator, seed, f"{stream}/{name}"))
        return theta

    def trace(self, m: int, dtype: Any = np.float32, xp: Any = np, y: Array | None = None) -> Trace:
        """A trace with buffers for m rows. If y (m, outputs) is given, the last layer writes to it.

        Exception: if the last layer is dropout and the pass has no masks, nothing is written to
        y, because dropout then returns its input.
        """
        xs = [xp.empty((m, n), dtype=dtype) for n in self.widths]
        if y is not None:
            xs[-1] = y
        return Trace([LayerTrace(x_i, y_i, xp.empty_like(x_i)) for x_i, y_i in pairwise(xs)])

    def forward(
        self,
        theta: Parameters,
        x: Array,
        masks: Sequence[Array] | None = None,
        *,
        trace: Trace | None = None,
    ) -> Trace:
        """Run the layers on x (m, inputs). Returns the trace; the output is `trace.y` (m, outputs).

        `masks` has one boolean mask (m, width) per dropout layer, in order; with None, dropout
        returns its input. `trace` supplies the buffers; without it they are allocated. x and the
        masks are not copied, and the backward pass reads them again, so do not change them
        before it. Raises ValueError if a shape or a dtype does not match.
        """
        if trace is None:
            trace = self.trace(len(x), theta.vector.dtype, array_module(x, theta.vector))
        self._check_arguments(theta, x, masks, trace)
        unused_masks = iter(masks or ())
        for layer, part in zip(self.layers, trace.layers, strict=True):
            part.mask = None if layer.mask_keep is None else next(unused_masks, None)
        trace.record(theta, self._forward_layers(theta, x, trace, range(len(self.layers))))
        return trace

    def _forward_layers(self, theta: Parameters, x: Array, trace: Trace, layers: range) -> Array:
        """Run these layers on x in order; returns y. `forward` without checks and bookkeeping."""
        h = x
        for i in layers:
            part = trace.layers[i]
            part.x = h
            h = self.one_by_one[i].forward(theta.of(self.names[i]), part)
            if h is not part.y and h is not part.x:  # a layer that returned a new array
                part.y[...] = h
                h = part.y
        return h

    def backward(
        self,
        trace: Trace,
        dy: Array,
        *,
        params: bool = True,
        inputs: bool = True,
        out: Parameters | None = None,
    ) -> tuple[Parameters, Array]:
        """(dtheta, dx): the gradients of a loss L, given dy = dL/dy (m, outputs) and the trace.

        dtheta has the names of theta; it is written to `out` if given. dx (m, inputs) is a buffer
        of the trace: the next backward pass through the trace, or through rows of it, overwrites
        it.

        `params=False` does not compute dtheta, and returns a dtheta without names.
        `inputs=False` does not compute dx, and returns a dx without columns: the backward pass
        stops at the first layer (nearest to x) that has parameters.

        Raises StaleTraceError if theta has changed since the forward pass, and ValueError if
        the shape of dy or of `out` does not match.
        """
        theta = trace.theta()
        if dy.shape != trace.y.shape:
            raise ValueError(f"dy must have the shape {trace.y.shape} of y, not {dy.shape}")
        shapes = self.shapes if params else {}
        if out is None:
            out = Parameters.zeros(shapes, theta.vector.dtype, array_module(dy))
        elif out.shapes != shapes:
            raise ValueError("out must have the shapes of theta, and needs params=True")
        lowest = 0 if inputs else self.lowest_with_parameters
        layers, dtheta = range(lowest, len(self.layers)), out if params else None
        dx = self._backward_layers(theta, dy, trace, layers, dtheta, inputs)
        return out, dx if inputs else dy[:, :0]

    def _backward_layers(
        self,
        theta: Parameters,
        dy: Array,
        trace: Trace,
        layers: range,
        dtheta: Parameters | None,
        inputs: bool,
    ) -> Array:
        """Run these layers on dy in reverse order; returns dx. `backward` without checks.

        Writes dtheta if it is given. With inputs=False, the first of the layers does not compute
        its dx.
        """
        for i in reversed(layers):
            name, layer, part = self.names[i], self.one_by_one[i], trace.layers[i]
            if dtheta is not None and dtheta.of(name):
                layer.backward_params(dtheta.of(name), part, dy)
            if inputs or i > layers.start:
                dy = layer.backward_input(theta.of(name), part, dy)
        return dy

    def tangent(self, trace: Trace, q: Array) -> list[Array]:
        """The derivative of each layer's x as the input moves along q (m, inputs), then that of y.

        The first is q itself. Each layer keeps the gates and masks of the pass, so along q the
        output `trace.y` changes as the last one (m, outputs).

        Raises StaleTraceError if theta has changed since the forward pass, ValueError if the shape
        of q does not match, and NotImplementedError if a layer has no tangent.
        """
        theta = trace.theta()
        if q.shape != (len(trace), self.inputs):
            raise ValueError(f"q must have the shape {(len(trace), self.inputs)}, not {q.shape}")
        along = [q]
        for name, layer, part in zip(self.names, self.one_by_one, trace.layers, strict=True):
            along.append(layer.tangent(theta.of(name), part, along[-1]))
        return along

    @property
    def one_by_one(self) -> tuple[Layer, ...]:
        """The layers, for passes that call them one by one: a device may replace some of them."""
        return self.layers

    @cached_property
    def lowest_with_parameters(self) -> int:
        """The index of the first layer that has parameters; the number of layers if none has."""
        n_of = enumerate(self.widths[:-1])
        return next((i for i, n in n_of if self.layers[i].shapes(n)), len(self.layers))

    def _check_arguments(
        self, theta: Parameters, x: Array, masks: Sequence[Array] | None, trace: Trace
    ) -> None:
        m = len(trace)
        if theta.shapes != self.shapes:
            raise ValueError("theta belongs to another network: its shapes differ")
        if x.shape != (m, self.inputs) or x.dtype != theta.vector.dtype:
            raise ValueError(
                f"x must be {theta.vector.dtype} of shape {(m, self.inputs)}, "
                f"not {x.dtype} of shape {x.shape}"
            )
        if trace.y.dtype != x.dtype or len(trace.layers) != len(self.layers):
            raise ValueError(
                f"the trace has dtype {trace.y.dtype} and {len(trace.layers)} layers, not "
                f"{x.dtype} and {len(self.layers)}: make it with network.trace(m, dtype)"
            )
        shapes = [(m, width) for width, _ in self.mask_sizes]
        if masks is not None and [mask.shape for mask in masks if mask.dtype == bool] != shapes:
            raise ValueError(f"masks must be boolean arrays of the shapes {shapes}")


def _generator(seed: int, layer: str, key: str) -> np.random.Generator:
    return generator(seed, f"{layer}.{key}", 0)
