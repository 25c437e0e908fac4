"""Maxout over the channels of an image: maxout at each of its positions.

    forward           y_ij    = max_p x_ipj                                  at each position i
    backward_input    dx_ipj  = dy_ij  for the first piece p with x_ipj = y_ij, else 0
    tangent           q_ipj            for the first piece p with x_ipj = y_ij

The channel is the last index of an image. Channel p * units + j of x is piece p of channel j of y.
So a row of x (m, positions * pieces * units) holds one row of maxout.py for each position, and the
functions of that file do the rest. There is its derivation.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.arrays import Array
from minigan.layers.layer import Layer, Theta
from minigan.layers.maxout import Maxout, backward_input, forward, tangent
from minigan.trace import LayerTrace


@dataclass(frozen=True)
class ChannelMaxout(Layer):
    """Maxout over the channels of an image: y_j = max_p x_pj at each of its positions.

    It follows a convolution with units * pieces units, and gives images with `units` channels.
    Raises ValueError if units < 1 or pieces < 1.
    """

    units: int
    pieces: int

    def __post_init__(self) -> None:
        Maxout(self.units, self.pieces)  # raises ValueError for sizes below 1

    def width(self, n: int) -> int:
        """n / pieces. Raises ValueError unless n is a multiple of units * pieces."""
        if n < 1 or n % (self.units * self.pieces):
            raise ValueError(
                f"ChannelMaxout of {self.units} units with {self.pieces} pieces needs a multiple "
                f"of {self.units * self.pieces} inputs, not {n}"
            )
        return n // self.pieces

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y_j = max_p x_pj at each position."""
        forward(self._at_positions(trace.x), self.pieces, out=self._maxima(trace.y))
        return trace.y

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx_pj = dy_j for the first piece p with x_pj = y_j, else 0, at each position."""
        x, y, dx = self._at_positions(trace.x), self._maxima(trace.y), self._at_positions(trace.dx)
        backward_input(self._maxima(dy), x, y, self.pieces, out=dx)
        return trace.dx

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """q_pj of the first piece p with x_pj = y_j, at each position."""
        x, y = self._at_positions(trace.x), self._maxima(trace.y)
        along = tangent(self._at_positions(q), x, y, self.pieces)
        return along.reshape(len(q), -1)

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> None:
        """0: near x, the largest piece does not change."""

    def _at_positions(self, x: Array) -> Array:
        return x.reshape(len(x), -1, self.units * self.pieces)

    def _maxima(self, y: Array) -> Array:
        return y.reshape(len(y), -1, self.units)
