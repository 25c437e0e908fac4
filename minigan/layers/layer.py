"""A layer, as a network sees it: how wide it is, which parameters it has, and its two passes.

    width(n)            the number of outputs for n inputs; raises ValueError for a wrong n
    shapes(n)           the shape of each parameter by its short name; {} where there are none
    initial             writes the first parameters
    forward             y, given the parameters and x
    backward_input      dx, given dy
    backward_params     the gradient of each parameter, given dy
    mask_keep           None, or the probability with which the layer's boolean mask is True

A layer is a frozen description without arrays. What it reads and writes in one pass is in its
`LayerTrace`: x, y, dx and the mask.

To add a layer, write a frozen dataclass with these methods (docs/extending.md). The defaults here
are those of an element-wise function without parameters.
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
        """The probability to keep an input; None for a layer that takes no mask, as here."""
        return None

    def width(self, n: int) -> int:
        """The number of outputs for n inputs; n unless overridden."""
        return n

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter for n inputs; no parameters unless overridden."""
        return {}

    def initial(self, theta: Theta, generator: Callable[[str], np.random.Generator]) -> None:
        """Write the first parameters into theta: 0 unless overridden.

        generator("W") returns the random generator of the parameter W.
        """
        for parameter in theta.values():
            parameter[...] = 0

    @abstractmethod
    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y (m, width) of trace.x (m, n), written into trace.y."""

    @abstractmethod
    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx (m, n), given dy (m, width), written into trace.dx."""

    def backward_params(self, dtheta: Theta, trace: LayerTrace, dy: Array) -> None:
        """Write the gradient of each parameter into dtheta, given dy (m, width).

        Called only for a layer that has parameters. Raises NotImplementedError unless overridden.
        """
        raise NotImplementedError(f"{type(self).__name__} has parameters but no backward_params")
