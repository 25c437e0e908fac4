"""Parallel branches compute layers side by side, each on a range of the columns of x.

    forward           y   = [y_1, y_2, ...],   y_b = f_b(x_b)
    backward_input    dx  = sum over b of dx_b in the columns of branch b, 0 elsewhere
    tangent           [t_1, t_2, ...],  t_b = tangent of f_b along q_b

x_b is the columns start <= j < stop of x that branch b reads, f_b its layer, and dx_b the backward
pass of f_b for dy_b, the columns of dy that belong to y_b. Without a layer, a branch returns x_b.

Shapes: x, dx and q (m, n); y and dy (m, u), where u is the sum of the widths of the branches. The
ranges may overlap, so two branches can read the same columns.

Derivation. Let S_b select the columns of branch b: x_b = x S_b, with S_b (n, width of x_b) of zeros
and ones. The loss depends on x through every x_b, so its gradient is the sum of the gradients
through each of them. For one branch, L depends on x_b through y_b only, whose gradient is dy_b:

    dx = sum_b dx_b S_b^T        S_b^T puts the columns of dx_b back in the place of those of x_b

No column of y depends on the parameters of two branches, so each branch computes the gradient of
its own parameters from x_b and dy_b. Along a direction q, x_b moves along q S_b.

Layers of more than one step are branches of consecutive parallel layers, as in the networks of
Mirza and Osindero, Conditional Generative Adversarial Nets (2014):

    Parallel((Branch(0, 784, Linear(1200, s)), Branch(784, 794, Linear(250, s))))
    Parallel((Branch(0, 1200, Maxout(240, 5)), Branch(1200, 1450, Maxout(50, 5))))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from minigan.arrays import Array, array_module
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


@dataclass(frozen=True)
class Identity(Layer):
    """The layer y = x, for a branch that only passes its columns on."""

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """x itself."""
        return trace.x

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dy itself."""
        return dy

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """q itself."""
        return q

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> None:
        """0: the derivative is the same at every x."""


@dataclass(frozen=True)
class Branch:
    """A layer on the columns start <= j < stop of x; by default it returns these columns.

    Raises ValueError unless 0 <= start < stop.
    """

    start: int
    stop: int
    layer: Layer = Identity()

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.stop:
            raise ValueError(
                f"a branch needs columns start < stop, from 0 on, not {self.start} and {self.stop}"
            )

    @property
    def columns(self) -> slice:
        """The columns of x that the branch reads."""
        return slice(self.start, self.stop)

    @property
    def width(self) -> int:
        """The number of outputs. Raises ValueError if the layer does not accept the columns."""
        return self.layer.width(self.stop - self.start)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter of the layer."""
        return self.layer.shapes(self.stop - self.start)


@dataclass(frozen=True)
class Parallel(Layer):
    """The layer y = [f_1(x_1), f_2(x_2), ...] of its branches, in their order.

    Parameter W of branch b is called W_b, with b = 1, 2, ... If a branch has dropout, the mask of
    the layer has the shape of x, and each dropout uses its columns of the mask.

    Raises ValueError if there is no branch, or if two dropout layers keep different shares.
    """

    branches: tuple[Branch, ...]

    def __post_init__(self) -> None:
        if not self.branches:
            raise ValueError("a parallel layer needs at least one branch")
        if len(self._keeps) > 1:
            raise ValueError(
                f"the branches keep {' and '.join(map(str, sorted(self._keeps)))} of their inputs: "
                "dropout in parallel branches needs one keep"
            )

    @property
    def _keeps(self) -> set[float]:
        keeps = (branch.layer.mask_keep for branch in self.branches)
        return {keep for keep in keeps if keep is not None}

    @property
    def mask_keep(self) -> float | None:
        """The keep of the dropout in its branches; None without dropout."""
        return next(iter(self._keeps), None)

    def width(self, n: int) -> int:
        """The sum of the widths of the branches. Raises ValueError if x has too few columns."""
        needed = max(branch.stop for branch in self.branches)
        if n < needed:
            raise ValueError(f"the branches read {needed} columns, but the input has {n}")
        return sum(branch.width for branch in self.branches)

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """The shapes of all branches: W_1, b_1, W_2, b_2, ..."""
        return {
            f"{key}_{number}": shape
            for number, branch in enumerate(self.branches, 1)
            for key, shape in branch.shapes.items()
        }

    def initial(self, theta: Theta, generator: Callable[[str], np.random.Generator]) -> None:
        """Each layer draws its own parameters, with the generators of their names W_1, b_1, ..."""
        for number, branch in enumerate(self.branches, 1):

            def of_branch(key: str, number: int = number) -> np.random.Generator:
                return generator(f"{key}_{number}")

            branch.layer.initial(_of(theta, branch, number), of_branch)

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y_b = f_b(x_b), copied to its columns of y."""
        for branch, number, part, _ in self._parts(trace):
            # CuPy writes a product to contiguous arrays only, which columns of y are not.
            own = replace(part, y=array_module(part.x).empty_like(part.y))
            part.y[...] = branch.layer.forward(_of(theta, branch, number), own)
        return trace.y

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = sum over b of dx_b in the columns of branch b."""
        trace.dx[...] = 0
        for branch, number, part, outputs in self._parts(trace):
            own = replace(part, dx=array_module(dy).empty_like(part.dx))
            of_b = _of(theta, branch, number)
            part.dx[...] += branch.layer.backward_input(of_b, own, dy[:, outputs])
        return trace.dx

    def backward_params(self, dtheta: Theta, trace: LayerTrace, dy: Array) -> None:
        """The gradient of each branch's own parameters, from x_b and dy_b."""
        for branch, number, part, outputs in self._parts(trace):
            if branch.shapes:
                branch.layer.backward_params(_of(dtheta, branch, number), part, dy[:, outputs])

    def backward_params_along(
        self,
        dtheta: Theta,
        trace: LayerTrace,
        dy: Array,
        d: Array,
        rows: slice,
        q: Array,
        ddy: Array | None,
    ) -> None:
        """The same sums for each branch, with its columns of x, q, dy and ddy."""
        for branch, number, part, outputs in self._parts(trace):
            if branch.shapes:
                of_b, q_b = _of(dtheta, branch, number), q[:, branch.columns]
                ddy_b = None if ddy is None else ddy[:, outputs]
                branch.layer.backward_params_along(of_b, part, dy[:, outputs], d, rows, q_b, ddy_b)

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """The tangents of the branches, side by side."""
        tangents = [
            branch.layer.tangent(_of(theta, branch, number), part, q[:, branch.columns])
            for branch, number, part, _ in self._parts(trace)
        ]
        along: Array = array_module(q).concatenate(tangents, axis=1)
        return along

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> Array | None:
        """The sum of the curvatures in their columns; None if no branch has one."""
        total: Array | None = None
        for branch, number, part, outputs in self._parts(trace):
            of_b, q_b = _of(theta, branch, number), q[:, branch.columns]
            curved = branch.layer.curvature(of_b, part, dy[:, outputs], q_b)
            if curved is not None:
                if total is None:
                    total = array_module(curved).zeros(trace.x.shape, dtype=curved.dtype)
                total[:, branch.columns] += curved
        return total

    def _parts(self, trace: LayerTrace) -> Iterator[tuple[Branch, int, LayerTrace, slice]]:
        """For each branch: itself, its number, its columns of the pass, and those of y."""
        start = 0
        for number, branch in enumerate(self.branches, 1):
            outputs, x_b = slice(start, start + branch.width), branch.columns
            mask = None if trace.mask is None else trace.mask[:, x_b]
            part = LayerTrace(trace.x[:, x_b], trace.y[:, outputs], trace.dx[:, x_b], mask)
            yield branch, number, part, outputs
            start = outputs.stop


def _of(theta: Theta, branch: Branch, number: int) -> Theta:
    """The parameters of one branch, under the names that its layer uses."""
    return {key: theta[f"{key}_{number}"] for key in branch.shapes}
