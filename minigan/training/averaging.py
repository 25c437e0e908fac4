"""An average of G's parameters over its updates.

    theta_bar <- keep_n theta_bar + (1 - keep_n) theta_g        every `every` iterations
    keep_n = min(keep, (n - 1) / n)                             in averaging step n = 1, 2, ...

Each update follows the gradient of one minibatch, so theta_g fluctuates. The average removes much
of this noise. It departs from the paper, which samples from theta_g; recipes that use it say so.

For n <= 1 / (1 - keep), theta_bar is the plain mean of all theta_g so far (Polyak and Juditsky,
1992). From then on it is an exponential moving average. With keep_n = keep from the start, the
first theta_g, which is nearly untrained, would keep a large weight: 22 % after 75 steps with keep =
0.98. Before the first averaging step, theta_bar is the initial theta_g.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minigan.arrays import Array, array_module
from minigan.parameters import Parameters


@dataclass
class Average:
    """The average `bar` of `theta`, updated every `every` iterations."""

    theta: Parameters
    keep: float
    every: int
    bar: Parameters = field(init=False)
    _part: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.bar = Parameters(self.theta.shapes, self.theta.vector.copy())
        self._part = array_module(self.bar.vector).empty_like(self.bar.vector)

    def after(self, t: int) -> None:
        """Update the average after t = 1, 2, ... iterations, if t is a multiple of `every`."""
        if t % self.every == 0:
            n = t // self.every
            keep = min(self.keep, (n - 1) / n)
            array_module(self._part).multiply(self.theta.vector, 1 - keep, out=self._part)
            bar = self.bar.vector
            bar *= keep
            bar += self._part
            self.bar.changed()
