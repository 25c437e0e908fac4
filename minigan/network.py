"""A network is a chain of layers; its backward pass walks the chain the other way.

    forward     x -> layer 1 -> layer 2 -> ... -> y       each layer's x, y and dx are in the trace
    backward    dx <- layer 1 <- layer 2 <- ... <- dy     dtheta on the way (the chain rule)

Each layer writes its y where the next layer reads its x, and its dx where the layer below reads
its dy; the trace holds these buffers, one `LayerTrace` per layer.

A `Network` is only the description of a function: its parameters theta and its trace are passed
in. The logit a of the paper's D(x; theta_d) = sigma(a) is `D.forward(theta_d, x, masks).y`.

    D = Network(784, (Dropout(0.8), Linear(1200, 0.005), Maxout(240, 5), Linear(1, 0.005)))
    theta_d = D.initial(seed=1, stream="theta_d")
    d = D.forward(theta_d, x, masks)                 # d.y holds the logits
    dtheta_d, dx = D.backward(d, dlogits)
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
            for name, layer, n in zip(self.names, self.layers, self.widths[:-1], strict=True)
            for key, shape in layer.shapes(n).items()
        }

    @cached_property
    def mask_sizes(self) -> list[tuple[int, float]]:
        """For each layer with a mask, in order: the width of the mask, the probability to keep."""
        layers = zip(self.layers, self.widths[:-1], strict=True)
        return [(n, layer.mask_keep) for layer, n in layers if layer.mask_keep is not None]

    def zeros(self, dtype: Any = np.float32, xp: Any = np) -> Parameters:
        """Parameters of this network, all 0: a place for theta or for its gradient."""
        return Parameters.zeros(self.shapes, dtype, xp)

    def initial(self, seed: int, stream: str, dtype: Any = np.float32) -> Parameters:
        """theta as drawn by each layer's `initial`.

        The generator of a parameter such as linear1.W is that of the draw
        (seed, "theta_d/linear1.W", 0) where the stream is "theta_d".
        """
        theta = self.zeros(dtype)
        for name, layer in zip(self.names, self.layers, strict=True):
            layer.initial(theta.of(name), partial(_generator, seed, f"{stream}/{name}"))
        return theta

    def trace(self, m: int, dtype: Any = np.float32, xp: Any = np, y: Array | None = None) -> Trace:
        """Buffers for a pass of m rows; the last layer writes into y (m, outputs) if given.

        (A last layer that is dropout without a mask writes nothing: then y stays as it is.)
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
        """y of x (m, inputs), in the returned trace's `.y` (m, outputs).

        `masks` holds one boolean mask (m, width) per dropout layer, in order; with None, dropout
        does nothing. `trace=` gives the buffers to use. x and the masks are not copied: the
        backward pass reads them again. Raises ValueError for shapes or dtypes that do not fit.
        """
        if trace is None:
            trace = self.trace(len(x), theta.vector.dtype, array_module(x))
        self._refuse_misfits(theta, x, masks, trace)
        unused_masks = iter(masks or ())
        for layer, part in zip(self.layers, trace.layers, strict=True):
            part.mask = None if layer.mask_keep is None else next(unused_masks, None)
        trace.record(theta, self._forward_layers(theta, x, trace, range(len(self.layers))))
        return trace

    def _forward_layers(self, theta: Parameters, x: Array, trace: Trace, layers: range) -> Array:
        """y of x, through these layers in order: the part of `forward` that computes."""
        h = x
        for i in layers:
            trace.layers[i].x = h
            h = self.layers[i].forward(theta.of(self.names[i]), trace.layers[i])
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
        """(dtheta, dx): the gradients of a loss, given dy = dL/dy (m, outputs) and the pass.

        dtheta has the names of theta and is written into `out` if given; dx (m, inputs) lies in
        the trace's buffers until the next backward pass through it or its rows. `params=False`
        computes no dtheta; `inputs=False` stops at the layer nearest to x that has parameters,
        and skips that layer's dx. What was not computed is returned empty (no names; no columns).
        Raises StaleTraceError where theta has changed since the forward pass, ValueError where
        dy or `out` does not fit.
        """
        theta = trace.theta()
        if dy.shape != trace.y.shape:
            raise ValueError(f"dy must have the shape {trace.y.shape} of y, not {dy.shape}")
        shapes = self.shapes if params else {}
        if out is None:
            out = Parameters.zeros(shapes, theta.vector.dtype, array_module(dy))
        elif out.shapes != shapes:
            raise ValueError("out is not a gradient of these parameters, or params=False")
        lowest = 0 if inputs else self._lowest_with_parameters
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
        """dx of dy, through these layers in reverse: the part of `backward` that computes.

        Writes dtheta where it is given; without `inputs`, the lowest of the layers skips its dx.
        """
        for i in reversed(layers):
            name, layer, part = self.names[i], self.layers[i], trace.layers[i]
            if dtheta is not None and dtheta.of(name):
                layer.backward_params(dtheta.of(name), part, dy)
            if inputs or i > layers.start:
                dy = layer.backward_input(theta.of(name), part, dy)
        return dy

    @cached_property
    def _lowest_with_parameters(self) -> int:
        n_of = enumerate(self.widths[:-1])
        return next((i for i, n in n_of if self.layers[i].shapes(n)), len(self.layers))

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
        if trace.y.dtype != x.dtype or len(trace.layers) != len(self.layers):
            raise ValueError(f"the trace is one of {trace.y.dtype} or of another network")
        wanted = [(m, width) for width, _ in self.mask_sizes]
        if masks is not None and [mask.shape for mask in masks if mask.dtype == bool] != wanted:
            raise ValueError(f"masks must be boolean, of the shapes {wanted}")


def _generator(seed: int, layer: str, key: str) -> np.random.Generator:
    return generator(seed, f"{layer}.{key}", 0)
