"""The average of G over its updates: where G has been, and not only where it is.

    theta_bar <- keep_n theta_bar + (1 - keep_n) theta_g        every so many iterations
    keep_n = min(keep, (n - 1) / n)                             at the n-th time, n = 1, 2, ...

Each update is a step along the gradient of one minibatch, so theta_g never rests: it wanders around
the place that it is drawn to. What it does there by chance the average evens out. This departs from
the paper, which samples from theta_g itself; recipes that average say so.

So it begins as the plain mean of all theta_g so far, (n - 1) / n, as Polyak and Juditsky (1992)
average, and from n = 1 / (1 - keep) on it forgets what is long ago. With `keep` from the start, the
first theta_g, which knows next to nothing, would stay in it for long: keep = 0.98 leaves it 22 %
after 75 times. Before the first time, the average is the theta_g that was drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minigan.arrays import Array, array_module
from minigan.parameters import Parameters


@dataclass
class Average:
    """theta_bar of a player's theta, taken every `every` iterations."""

    theta: Parameters
    keep: float
    every: int
    bar: Parameters = field(init=False)
    _part: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.bar = Parameters(self.theta.shapes, self.theta.vector.copy())
        self._part = array_module(self.bar.vector).empty_like(self.bar.vector)

    def after(self, t: int) -> None:
        """theta_bar after t = 1, 2, ... iterations."""
        if t % self.every == 0:
            n = t // self.every
            keep = min(self.keep, (n - 1) / n)
            array_module(self._part).multiply(self.theta.vector, 1 - keep, out=self._part)
            bar = self.bar.vector
            bar *= keep
            bar += self._part
            self.bar.changed()
