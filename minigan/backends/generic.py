"""The generic backend: what is written once, for arrays of any module."""

from __future__ import annotations

from typing import Any

from minigan import finite, objectives, optimizers
from minigan.arrays import Array
from minigan.backends import blocks as layer_by_layer
from minigan.backends.blocks import Blocks
from minigan.finite import Guard
from minigan.objectives import GeneratorObjective
from minigan.parameters import Parameters


class Generic:
    """The part of `minigan.backends.protocol.Backend` that asks for no device."""

    blocks: Blocks = layer_by_layer
    guard: Guard = finite

    def value_with_gradient(self, a: Array, weight: float, *, out: Array) -> Any:
        """`objectives.value_with_gradient`."""
        return objectives.value_with_gradient(a, weight, out=out)

    def loss_with_gradient(self, objective: GeneratorObjective, a: Array, *, out: Array) -> Any:
        """The objective's own loss and gradient."""
        objective.gradient(a, out=out)
        return objective.loss(a)

    def descend(self, theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
        """`optimizers.descend`."""
        optimizers.descend(theta, g, v, eta=eta, mu=mu)
