"""A maxout unit returns the largest of its pieces.

    forward           y_ij    = max_p x_ipj
    backward_input    dx_ipj  = dy_ij  for the first piece p with x_ipj = y_ij, else 0
    tangent           q_ipj   for the first piece p with x_ipj = y_ij

Shapes: x (m, pieces * units), read as (m, pieces, units); y and dy (m, units); dx and q like
x. With more axes before the last, the functions do the same at each place, as for the channels of
an image.

In the paper's D, a maxout layer is a linear layer with pieces * units outputs, followed by this
maximum. Column p * units + j of x is piece p of unit j, so the columns of one piece are adjacent.
The maximum is then computed by comparing blocks of adjacent columns. This is more than 30 times
faster than a maximum over a short last axis (docs/layers/maxout.md).

Derivation. Let piece w of unit j in row i be larger than the other pieces. Then y_ij = x_iwj, so
the derivative of y_ij is 1 with respect to x_iwj and 0 with respect to the other pieces. Along a
direction q of x, y_ij therefore changes as q_iwj.

Ties. Where two pieces are both the largest, y has no derivative. By definition the gradient goes
to the first of them, as in `larger(y, x_p)`, which returns its first argument at a tie. Ties occur
in practice: while the biases are 0, an input row of zeros makes every piece 0.

The backward pass visits the pieces in order. A piece gets dy where x_p = y and no earlier piece
has got it. y is a copy of one of the pieces, so the comparison x_p = y is exact. The last piece
gets what is left, except where y is NaN.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from minigan.arrays import Array, array_module, larger
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


def forward(x: Array, pieces: int, *, out: Array | None = None) -> Array:
    """y_ij = max_p x_ipj. x (..., pieces * units) -> (..., units). `out` must not overlap x."""
    largest, *others = _blocks(x, pieces)
    y: Array = array_module(x).empty_like(largest) if out is None else out
    for x_p in others:
        largest = larger(largest, x_p, out=y)
    if pieces == 1:
        y[...] = x
    return y


def backward_input(
    dy: Array, x: Array, y: Array, pieces: int, *, out: Array | None = None
) -> Array:
    """dx_ipj = dy_ij where piece p is the first with x_ipj = y_ij, else 0.

    x and y are the argument and the result of `forward`. `out` (..., pieces * units) may be x,
    and must not overlap y or dy.
    """
    xp = array_module(x)
    dx: Array = xp.empty_like(x) if out is None else out
    for wins, dx_p in zip(_wins(x, y, pieces), _blocks(dx, pieces), strict=True):
        xp.multiply(dy, wins, out=dx_p)
    return dx


def tangent(q: Array, x: Array, y: Array, pieces: int) -> Array:
    """q_ipj of the first piece p with x_ipj = y_ij: the derivative of y along q.

    x and y are the argument and the result of `forward`. q (m, pieces * units) -> (m, units).
    """
    xp = array_module(q)
    along: Array = xp.zeros(y.shape, dtype=q.dtype)
    for wins, q_p in zip(_wins(x, y, pieces), _blocks(q, pieces), strict=True):
        along += q_p * wins
    return along


def _wins(x: Array, y: Array, pieces: int) -> Iterator[Array]:
    """For each piece p, whether it is the first with x_p = y; one buffer (m, units) for all."""
    xp = array_module(x)
    unclaimed = xp.ones(y.shape, dtype=bool)
    wins = xp.empty(y.shape, dtype=bool)
    for x_p in _blocks(x, pieces)[:-1]:
        xp.equal(x_p, y, out=wins)
        wins &= unclaimed
        unclaimed ^= wins
        yield wins
    xp.equal(y, y, out=wins)  # not where y is NaN
    wins &= unclaimed
    yield wins


def _blocks(x: Array, pieces: int) -> list[Array]:
    """A view (..., units) of the columns of each piece.

    Raises ValueError if the number of columns is not a multiple of `pieces`.
    """
    units, rest = divmod(x.shape[-1], pieces)
    if rest:
        raise ValueError(f"the {x.shape[-1]} columns of x are not a multiple of {pieces} pieces")
    return [x[..., p * units : (p + 1) * units] for p in range(pieces)]


@dataclass(frozen=True)
class Maxout(Layer):
    """The layer y_j = max_p x_pj with `units` units of `pieces` pieces each.

    It follows Linear(units * pieces, ...). Raises ValueError if units < 1 or pieces < 1.
    """

    units: int
    pieces: int

    def __post_init__(self) -> None:
        if self.units < 1 or self.pieces < 1:
            raise ValueError(
                f"maxout needs at least one unit and one piece, not {self.units} and {self.pieces}"
            )

    def width(self, n: int) -> int:
        """`units`. Raises ValueError unless n = units * pieces."""
        if n != self.units * self.pieces:
            raise ValueError(
                f"Maxout of {self.units} units with {self.pieces} pieces needs "
                f"{self.units * self.pieces} inputs, not {n}"
            )
        return self.units

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y_j = max_p x_pj."""
        return forward(trace.x, self.pieces, out=trace.y)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx_pj = dy_j for the first piece p with x_pj = y_j, else 0."""
        return backward_input(dy, trace.x, trace.y, self.pieces, out=trace.dx)

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """q_pj of the first piece p with x_pj = y_j."""
        return tangent(q, trace.x, trace.y, self.pieces)

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> None:
        """0: near x, the largest piece does not change."""
