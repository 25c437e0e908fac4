"""The composite takes the missing values from G and keeps the observed ones: G's last layer.

    forward           y   = [k + (1 - s) g, s]                  x = [g, k, s]
    backward_input    dg  = (1 - s) dy_1,  dk = dy_1,  ds = dy_2 - g dy_1

s is 1 where a value is observed and 0 where it is missing; k is the observed values, and 0 where
they are missing. So y_1 has the observed values exactly, and those of g elsewhere; the mask s is
passed on to D. Products are elementwise. Shapes: x (m, 3n); y (m, 2n); g, k, s, y_1 (m, n).

Derivation. Column j of y_1 is k_j + (1 - s_j) g_j, with the derivatives 1 - s_j in g_j, 1 in k_j
and -g_j in s_j. Column j of y_2 is s_j. The gradient of each input is the sum over its outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.arrays import Array, array_module
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


@dataclass(frozen=True)
class Composite(Layer):
    """The layer y = [k + (1 - s) g, s] for rows x = [g, k, s]."""

    def width(self, n: int) -> int:
        """2/3 n. Raises ValueError unless n is a multiple of 3."""
        if n % 3:
            raise ValueError(f"a row of {n} numbers has no three equal parts")
        return 2 * n // 3

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = [k + (1 - s) g, s]."""
        g, k, s = _parts(trace.x)
        n = g.shape[1]
        composite, mask = trace.y[:, :n], trace.y[:, n:]
        xp = array_module(trace.x)
        xp.subtract(1, s, out=composite)
        composite *= g
        composite += k
        mask[...] = s
        return trace.y

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = [(1 - s) dy_1, dy_1, dy_2 - g dy_1]."""
        g, _, s = _parts(trace.x)
        n = g.shape[1]
        of_composite, of_mask = dy[:, :n], dy[:, n:]
        dg, dk, ds = _parts(trace.dx)
        dg[...] = (1 - s) * of_composite
        dk[...] = of_composite
        ds[...] = of_mask - g * of_composite
        return trace.dx


def _parts(x: Array) -> tuple[Array, Array, Array]:
    """The three equal parts of the columns of x, as views."""
    n = x.shape[1] // 3
    return x[:, :n], x[:, n : 2 * n], x[:, 2 * n :]
