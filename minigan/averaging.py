"""The average of G over its updates: where G has been, and not only where it is.

    theta_bar <- keep theta_bar + (1 - keep) theta_g        every so many iterations

Each update is a step along the gradient of one minibatch, so theta_g never rests: it wanders around
the place that it is drawn to. What it does there by chance the average evens out. This departs from
the paper, which samples from theta_g itself; recipes that average say so.

The first value is theta_g after the first so many iterations; before that, the average is the
theta_g that was drawn. (Polyak and Juditsky 1992 average all updates alike, keep = 1 - 1/t; a
constant keep forgets the beginning.)
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minigan.parameters import Parameters


@dataclass
class Average:
    """theta_bar of a player's theta, taken every `every` iterations."""

    theta: Parameters
    keep: float
    every: int
    bar: Parameters = field(init=False)

    def __post_init__(self) -> None:
        self.bar = Parameters(self.theta.shapes, self.theta.vector.copy())

    def after(self, t: int) -> None:
        """theta_bar after t = 1, 2, ... iterations."""
        if t % self.every == 0:
            keep = self.keep if t > self.every else 0
            self.bar.assign(keep * self.bar.vector + (1 - keep) * self.theta.vector)
