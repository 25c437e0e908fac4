"""The sum of the two halves of a row: the last layer of a G whose samples get noise.

    forward           y  = x_1 + x_2             x = [x_1, x_2]
    backward_input    dx = [dy, dy]

Shapes: x and dx (m, 2n); y and dy (m, n).

Derivation. y_j depends on column j of each half with the derivative 1, so both get the gradient of
y_j.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.arrays import Array, array_module
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


@dataclass(frozen=True)
class Addition(Layer):
    """The layer y = x_1 + x_2."""

    def width(self, n: int) -> int:
        """n / 2. Raises ValueError for an odd n."""
        if n % 2:
            raise ValueError(f"a row of {n} numbers has no two equal halves")
        return n // 2

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = x_1 + x_2."""
        x, n = trace.x, trace.x.shape[1] // 2
        y: Array = array_module(x).add(x[:, :n], x[:, n:], out=trace.y)
        return y

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = [dy, dy]."""
        n = dy.shape[1]
        trace.dx[:, :n], trace.dx[:, n:] = dy, dy
        return trace.dx
