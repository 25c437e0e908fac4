"""What a long run needs, stated before it begins: parameters, memory and hours.

    FLOP per iteration = 2 m (3 k_g P_G + (3 k + 3 k_g) P_D)

P is the number of weights of a network, m the minibatch, k the D steps and k_g the G steps. A step
on D sees 2m rows forward and in the gradient of its parameters; every other pass is counted once.
The time is that of the matrix products alone, at the rate of one product measured here, so a run
takes longer.
"""

from __future__ import annotations

import math
import time

import numpy as np

from minigan.network import Network
from minigan.training.networks import bytes_of
from minigan.training.recipes import Recipe

LONG = 1e14  # FLOP of a run that takes minutes
SIDE = 1024  # of the measured product
TRIES = 3


def flop_per_iteration(recipe: Recipe, G: Network, D: Network) -> float:
    """The floating-point operations of the products in one iteration, about."""
    weights_g, weights_d = (
        sum(math.prod(shape) for shape in net.shapes.values() if len(shape) == 2) for net in (G, D)
    )
    training = recipe.training
    of_g, of_d = 3 * training.g_steps, 3 * training.k + 3 * training.g_steps
    return 2.0 * training.m * (of_g * weights_g + of_d * weights_d)


def product_rate() -> float:
    """FLOP per second of a product of float32 matrices, the best of three."""
    A = np.ones((SIDE, SIDE), np.float32)
    B, best = np.empty_like(A), math.inf
    for _ in range(TRIES):
        start = time.perf_counter()
        np.matmul(A, A, out=B)
        best = min(best, time.perf_counter() - start)
    return 2 * SIDE**3 / best


def announcement(recipe: Recipe, G: Network, D: Network, on_cpu: bool) -> str | None:
    """A sentence about a run that takes minutes or more; None for a shorter one."""
    flop = flop_per_iteration(recipe, G, D)
    iterations = recipe.training.iterations
    if flop * iterations < LONG:
        return None
    parameters = sum(math.prod(shape) for net in (G, D) for shape in net.shapes.values())
    needed = bytes_of(recipe, G, D)
    sentence = (
        f"{parameters / 1e6:,.1f} million parameters, {needed / 1e9:.2g} GB of memory, "
        f"{iterations:,} iterations of about {flop / 1e9:,.3g} GFLOP"
    )
    if not on_cpu:
        return sentence
    hours = flop * iterations / product_rate() / 3600
    return f"{sentence}: at least {hours:,.1f} hours on this machine"
