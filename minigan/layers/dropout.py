"""Dropout silences each input with probability 1 - keep and makes up for it in the others.

    forward           y  = x * mask / keep
    backward_input    dx = dy * mask / keep

Shapes: x, mask, y, dy, dx all alike. mask is boolean, True where the input is kept; it is an
argument, drawn by `minigan.draws.mask`, so that the same mask can be given to both passes.

This is inverted dropout: the factor 1 / keep makes the mean over masks equal to x, that is
E[y] = keep * x / keep = x, and D without dropout needs no other weights. (It is 1.25 for the keep
0.8 that the published MNIST configuration has on D's input, 2 for the 0.5 on its hidden layers.)

Derivation. Given the mask, y is x times a constant, so dx is dy times the same constant: the
backward pass is the forward pass, applied to dy.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.arrays import Array, array_module
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


def forward(x: Array, mask: Array, keep: float, *, out: Array | None = None) -> Array:
    """y = x * mask / keep. `out` may be x itself. keep is a probability in (0, 1]."""
    y: Array = array_module(x).multiply(x, mask, out=out)
    y *= 1 / keep
    return y


def backward_input(dy: Array, mask: Array, keep: float, *, out: Array | None = None) -> Array:
    """dx = dy * mask / keep. `out` may be dy itself."""
    return forward(dy, mask, keep, out=out)


@dataclass(frozen=True)
class Dropout(Layer):
    """y = x * mask / keep; without a mask, y = x. Raises ValueError for a keep outside (0, 1]."""

    keep: float

    def __post_init__(self) -> None:
        if not 0 < self.keep <= 1:
            raise ValueError(f"keep is a probability in (0, 1], not {self.keep}")

    @property
    def mask_keep(self) -> float | None:
        """`keep`: each pass takes a mask of the width of x."""
        return self.keep

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = x * mask / keep, or x itself where the pass has no masks."""
        if trace.mask is None:
            return trace.x
        return forward(trace.x, trace.mask, self.keep, out=trace.y)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = dy * mask / keep, or dy itself where the pass had no masks."""
        if trace.mask is None:
            return dy
        return backward_input(dy, trace.mask, self.keep, out=trace.dx)
