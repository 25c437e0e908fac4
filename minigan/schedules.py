"""Schedules of the learning rate and of the momentum: schedule(t) is the value at update t.

    Constant              value
    ExponentialDecay      max(initial / divisor^t, floor)
    LinearRamp            initial + (final - initial) * (epoch - first) / (last - first),
                          where epoch is limited to [first, last]; constant within an epoch

t = 0, 1, 2, ... counts updates. The published MNIST configuration has the learning rate
ExponentialDecay(0.1, 1.000004, 1e-6) and the momentum LinearRamp(0.5, 0.7, 1, 250,
updates_per_epoch=500).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Constant:
    """The same value at every update."""

    value: float

    def __call__(self, t: int) -> float:
        """`value`."""
        return self.value


@dataclass(frozen=True)
class ExponentialDecay:
    """Starts at `initial`, is divided by `divisor` at every update, and stops at `floor`."""

    initial: float
    divisor: float
    floor: float = 0.0

    def __call__(self, t: int) -> float:
        """max(initial / divisor^t, floor)."""
        return max(self.initial * self.divisor**-t, self.floor)


@dataclass(frozen=True)
class LinearRamp:
    """`initial` until epoch `first`, then linear in the epoch, and `final` from epoch `last` on.

    Epochs are numbered from 1: the first `updates_per_epoch` updates are epoch 1.
    """

    initial: float
    final: float
    first: int
    last: int
    updates_per_epoch: int

    def __call__(self, t: int) -> float:
        """The value in the epoch of update t."""
        epoch = t // self.updates_per_epoch + 1
        done = min(max((epoch - self.first) / (self.last - self.first), 0.0), 1.0)
        return self.initial + (self.final - self.initial) * done


Schedule: TypeAlias = Constant | ExponentialDecay | LinearRamp
