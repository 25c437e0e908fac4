"""Prop. 2, step by step: D is optimal, p_g takes a step that lowers the criterion, p_g -> p_data.

    D   <-  D* = p_data / (p_data + p_g)
    p_g <-  p_g exp(-eta log(1 - D*)) / Z,      Z makes the sum one

The update follows the subgradient log(1 - D*) of C. It is multiplicative (exponentiated gradient),
so p_g stays positive and normalised. Because 1 - D* = p_g / (p_data + p_g), it equals

    p_g <-  p_g^(1 - eta) (p_data + p_g)^eta / Z,

which cannot overflow. With eta = 1 it is p_g <- (p_data + p_g) / 2: each step halves the distance.

Why it converges. d/dp_g log(1 - D*) = p_data / (p_g (p_data + p_g)) <= 1 / p_g, so the curvature
of C is at most that of sum p_g log p_g, which is 1 / p_g. Steps with eta <= 1 therefore never
raise C, and

    C(after t steps) + log 4 <= KL(p_data || p_g at the start) / (eta t).

The limit is sharp: for every eta > 1 there are p_data and p_g, with p_g close to 0 at one point,
for which one step raises C.

A start with p_g(x) = 0 < p_data(x) raises an error. There the factor exp(-eta log(1 - D*)) is
infinite and the product 0 times infinity is undefined. (For eta < 1 its limit is 0: a
multiplicative update never makes a zero positive.) The bound is infinite there as well, because
KL(p_data || p_g) is.
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
    """One step of Prop. 2: the density p_g of G, the optimal D for it, and C(G) in nats."""

    p_g: Density
    D: Density
    C: float


def converge(p_data: ArrayLike, p_g: ArrayLike, eta: float = 1.0) -> Iterator[Step]:
    """An endless iterator over the steps of Prop. 2; the first step is the start itself.

    p_data and p_g are densities of one shape. eta is the step size, 0 < eta <= 1 (above 1, C may
    rise). Raises ValueError, before the first step, for another eta, for an argument that is not
    a density, and for a p_g that is 0 at a point where p_data is not.
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
    """The endless loop of `converge`, for arguments that were checked."""
    while True:
        yield Step(p_g, optimal_discriminator(p_data, p_g), criterion(p_data, p_g))
        p_g = p_g ** (1 - eta) * (p_data + p_g) ** eta
        p_g /= add_up(p_g)


def exponentiated_gradient(p_g: ArrayLike, slope: ArrayLike, eta: float = 1.0) -> Density:
    """p_g exp(-eta slope) / Z: one multiplicative descent step along any slope, in p_g's shape.

    p_g is a positive density; slope (nats) has its shape and is finite. A constant added to the
    slope changes nothing. With slope = `subgradient`, it is the update of `converge`.
    """
    p_g, slope = np.asarray(p_g, dtype=np.float64), np.asarray(slope, dtype=np.float64)
    moved: Density = p_g * np.exp(-eta * (slope - slope.min()))
    return moved / add_up(moved)
