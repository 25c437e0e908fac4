"""A rectifier lets positive numbers through and answers 0 to all others.

    forward           y  = max(0, x)
    backward_input    dx = dy * [y > 0]

Shapes: x, y, dy, dx all alike, any shape.

Derivation. Where x > 0, y = x and the slope is 1; where x < 0, y = 0 and the slope is 0. At
x = 0 the left slope is 0, the right slope 1, and no derivative exists: the tie goes to the
constant 0 (`larger(0, x)` prefers its first argument), so ReLU'(0) = 0 by definition. Ties do
occur: while the biases are still 0, a row of zeros has x = 0 in every unit.

[y > 0] equals [x > 0], so backward needs only y, and forward may overwrite x.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.arrays import Array, array_module, larger
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


def forward(x: Array, *, out: Array | None = None) -> Array:
    """y = max(0, x). `out` may be x itself. NaN stays NaN, -inf becomes 0."""
    return larger(0, x, out=out)


def backward_input(dy: Array, y: Array, *, out: Array | None = None) -> Array:
    """dx = dy * [y > 0], y being what `forward` returned. `out` may be dy itself."""
    dx: Array = array_module(dy).multiply(dy, y.real > 0, out=out)
    return dx


@dataclass(frozen=True)
class ReLU(Layer):
    """y = max(0, x)."""

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = max(0, x)."""
        return forward(trace.x, out=trace.y)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = dy * [y > 0]."""
        return backward_input(dy, trace.y, out=trace.dx)
