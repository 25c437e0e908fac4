"""Dropout sets inputs to 0 at random, each with probability 1 - keep, and scales the others.

    forward           y  = x * mask / keep
    backward_input    dx = dy * mask / keep
    tangent           q * mask / keep

Shapes: x, mask, y, dy, dx and q have the same shape. mask is boolean: True where the input is kept.
It is an argument, drawn by `minigan.draws.mask`, so both passes can use the same mask.

This is inverted dropout. An entry of mask is True with probability keep, so the factor 1 / keep
gives E[y] = keep * x / keep = x. Without dropout, D therefore uses its weights unchanged. In the
published MNIST configuration, the factor is 1.25 on D's input (keep = 0.8) and 2 on its hidden
layers (keep = 0.5).

Derivation. For a given mask, y is x times the constant mask / keep, so dx is dy times the same
constant. The backward pass is therefore the forward function applied to dy, and the tangent along a
direction q of x is the forward function applied to q.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.arrays import Array, array_module
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


def forward(x: Array, mask: Array, keep: float, *, out: Array | None = None) -> Array:
    """y = x * mask / keep, with 0 < keep <= 1. `out` may be x."""
    y: Array = array_module(x).multiply(x, mask, out=out)
    y *= 1 / keep
    return y


def backward_input(dy: Array, mask: Array, keep: float, *, out: Array | None = None) -> Array:
    """dx = dy * mask / keep. `out` may be dy."""
    return forward(dy, mask, keep, out=out)


def tangent(q: Array, mask: Array, keep: float, *, out: Array | None = None) -> Array:
    """q * mask / keep. `out` may be q."""
    return forward(q, mask, keep, out=out)


@dataclass(frozen=True)
class Dropout(Layer):
    """The layer y = x * mask / keep, or y = x if a pass has no masks.

    Raises ValueError unless 0 < keep <= 1.
    """

    keep: float

    def __post_init__(self) -> None:
        if not 0 < self.keep <= 1:
            raise ValueError(f"keep must be a probability in (0, 1], not {self.keep}")

    @property
    def mask_keep(self) -> float | None:
        """`keep`: the layer takes a mask of the shape of x."""
        return self.keep

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = x * mask / keep. Returns x itself if the pass has no masks."""
        if trace.mask is None:
            return trace.x
        return forward(trace.x, trace.mask, self.keep, out=trace.y)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = dy * mask / keep. Returns dy itself if the pass had no masks."""
        if trace.mask is None:
            return dy
        return backward_input(dy, trace.mask, self.keep, out=trace.dx)

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """q * mask / keep, with the mask of the pass. Returns q itself if the pass had no masks."""
        return q if trace.mask is None else tangent(q, trace.mask, self.keep)

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> None:
        """0: the factor mask / keep does not depend on x."""
