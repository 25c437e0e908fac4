"""The protocol of a model that a run trains: one update at a time, arrays to save, and samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.optimizers import Optimizer
from minigan.parameters import Parameters

OptimizerOf = Callable[[Parameters], Optimizer]
Check = Callable[[str, Parameters], Parameters]  # FiniteCheck.gradient
LayerCheck = Callable[[Parameters], Parameters]  # the same with the name of the layer


class RelativeModel(Protocol):
    """A model with one or more layers, each with a theta and an optimizer of its own.

    Every update is a function of the arrays, the seed and the number of updates of its layer. So a
    model that continues from saved arrays has the same bits as one without a stop.
    """

    @property
    def players(self) -> tuple[Optimizer, ...]:
        """The optimizers, from the bottom layer to the top."""

    @property
    def arrays(self) -> dict[str, Array]:
        """Arrays to save besides those of the players, not copies, which change in place."""

    @property
    def layer(self) -> int:
        """The number of layers that have been updated, so that samples come from them."""

    def update(self, images: Images, t: int, check: Check) -> Callable[[], float]:
        """Update number t = 0, 1, ... of the run; returns a function that computes the loss.

        check(name, g) returns g, and raises NotFiniteError for a gradient that is not finite.
        """

    def prepare_chains(self, images: Images) -> None:
        """Set the arrays that chains of samples start from. Called before samples and saves."""

    def samples(self, count: int, seed: int) -> Array:
        """x (count, n), each from a chain of its own that starts at noise."""
