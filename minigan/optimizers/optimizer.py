"""An optimizer holds the theta of one player and updates it: the protocol."""

from __future__ import annotations

from typing import Protocol

from minigan.arrays import Array
from minigan.parameters import Parameters


class Optimizer(Protocol):
    """The optimizer of one player: holds theta and updates it.

    A custom optimizer implements these members (docs/extending.md). Checkpoints save and restore
    theta, `updates` and the arrays of `state`.
    """

    theta: Parameters
    updates: int  # the number of updates made so far

    def ascend(self, g: Parameters) -> None:
        """Update theta in the direction of the gradient g; increments `updates`."""

    def descend(self, g: Parameters) -> None:
        """Update theta against the direction of the gradient g; increments `updates`."""

    def state(self) -> dict[str, Array]:
        """The optimizer's arrays by name, not copies. Momentum returns {"v": v}."""

    def hyperparameters(self, t: int) -> dict[str, float]:
        """The hyperparameters of update t, for the log. Momentum returns eta and mu."""
