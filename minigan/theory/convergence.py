"""Prop. 2 made visible: D reaches D*, p_g takes a step down the criterion, and p_g -> p_data.

    D   <-  D* = p_data / (p_data + p_g)
    p_g <-  p_g exp(-eta log(1 - D*)) / Z,      Z makes the sum one

The step follows the subgradient log(1 - D*) of C, in the multiplicative way (exponentiated
gradient) that keeps a density positive and normalised. As 1 - D* = p_g / (p_data + p_g), it is

    p_g <-  p_g^(1 - eta) (p_data + p_g)^eta / Z,

which cannot overflow. With eta = 1 it is p_g <- (p_data + p_g) / 2: each step halves the distance.

Why it works. d/dp_g log(1 - D*) = p_data / (p_g (p_data + p_g)) <= 1 / p_g, so C is never more
curved than sum p_g log p_g, whose curvature is 1 / p_g. Steps with eta <= 1 then never raise C, and

    C(after t steps) + log 4 <= KL(p_data || p_g at the start) / (eta t).

The limit is sharp: for any eta > 1 there are p_data and p_g, p_g being near 0 somewhere, that make
C rise.

Where p_g starts at 0, its factor exp(-eta log(1 - D*)) is infinite and the product 0 times
infinity: the step is undefined. For eta < 1 its limit is 0, for good: multiplication revives no
zeros. The bound says the same, as KL(p_data || p_g) is infinite. So a p_g without full support is
refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from minigan.theory.criterion import criterion
from minigan.theory.densities import Density, add_up, density_pair
from minigan.theory.discriminator import optimal_discriminator


@dataclass(frozen=True, eq=False)
class Step:
    """One moment of Prop. 2: G's density, the optimal D against it, and C(G) in nats."""

    p_g: Density
    D: Density
    C: float


def converge(p_data: ArrayLike, p_g: ArrayLike, eta: float = 1.0) -> Iterator[Step]:
    """Endless steps of Prop. 2: first the start itself, then after one update, after two, ...

    p_data and p_g are densities of one shape; eta, in (0, 1], is the step size (above 1, C may
    rise). Raises ValueError, at once, for another eta, for densities that are none, and for a
    p_g that is 0 where p_data is not.
    """
    p_data, p_g = density_pair(p_data, p_g)
    if not 0 < eta <= 1:
        raise ValueError(f"eta is {eta}; give a step size above 0 and at most 1.")
    if np.any((p_data > 0) & (p_g == 0)):
        raise ValueError(
            "p_g is 0 at a point where p_data is not, and no multiplicative step leads away "
            "from 0; start with a p_g that is positive wherever p_data is."
        )
    return _steps(p_data, p_g, eta)


def _steps(p_data: Density, p_g: Density, eta: float) -> Iterator[Step]:
    """The endless loop of `converge`, whose arguments were checked."""
    while True:
        yield Step(p_g, optimal_discriminator(p_data, p_g), criterion(p_data, p_g))
        p_g = p_g ** (1 - eta) * (p_data + p_g) ** eta
        p_g /= add_up(p_g)
