"""The interface between a network and its layers: sizes, parameters, forward and backward.

    width(n)            the number of outputs for n inputs
    shapes(n)           the shape of each parameter, by short name
    initial             writes the initial parameters
    forward             y from x and the parameters
    backward_input      dx from dy
    backward_params     the gradient of each parameter from dy
    mask_keep           the probability that an entry of the layer's mask is True; None: no mask

Only a penalty on D's input gradient uses these:

    tangent                  the derivative of y as x moves along a direction q
    curvature                the derivative of dx as x moves along q
    backward_params_along    the gradient of each parameter, plus its derivative along q

A layer object holds sizes and no arrays. The arrays of one pass (x, y, dx and the mask) are in its
`LayerTrace`. To add a layer, write a frozen dataclass with these methods (docs/extending.md). The
defaults are those of an elementwise function without parameters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from minigan.arrays import Array
from minigan.trace import LayerTrace

Theta: TypeAlias = Mapping[str, Array]  # the parameters of one layer, or their gradients, by name


class Layer(ABC):
    """The base of every layer. A subclass must define `forward` and `backward_input`."""

    @property
    def mask_keep(self) -> float | None:
        """The probability that a mask entry is True; None (the default): the layer has no mask."""
        return None

    def width(self, n: int) -> int:
        """The number of outputs for n inputs; by default n. Raises ValueError for a wrong n."""
        return n

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter for n inputs, by short name; by default no parameters."""
        return {}

    def initial(self, theta: Theta, generator: Callable[[str], np.random.Generator]) -> None:
        """Write the initial parameters to theta; by default 0.

        generator(name) returns the random generator of the parameter with this short name.
        """
        for parameter in theta.values():
            parameter[...] = 0

    @abstractmethod
    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """Compute y (m, width) from trace.x (m, n), write it to trace.y and return it."""

    @abstractmethod
    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """Compute dx (m, n) from dy (m, width), write it to trace.dx and return it."""

    def backward_params(self, dtheta: Theta, trace: LayerTrace, dy: Array) -> None:
        """Compute the gradient of each parameter from dy (m, width) and write it to dtheta.

        Called only for a layer with parameters. Raises NotImplementedError by default.
        """
        raise NotImplementedError(f"{type(self).__name__} has parameters but no backward_params")

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
        """Write to dtheta the gradient of sum_i d_i f_i, plus its derivative along q.

        f_i is the logit of row i, dy (m, width) its gradient in y, and d (m, 1). In `rows`, x moves
        along q and dy along ddy; None means 0. Called only for a layer with parameters. Raises
        NotImplementedError by default.
        """
        raise NotImplementedError(f"{type(self).__name__} has no backward_params_along")

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """The derivative of y (m, width) as x moves along q (m, n), with the mask of the trace.

        Raises NotImplementedError by default.
        """
        raise NotImplementedError(f"{type(self).__name__} has no tangent")

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> Array | None:
        """The derivative of dx = backward_input(dy) as x moves along q, for a fixed dy.

        None means 0, as in each layer that is linear in pieces. Raises NotImplementedError by
        default.
        """
        raise NotImplementedError(f"{type(self).__name__} has no curvature")
