"""What a long run needs, stated before it begins: parameters, memory and hours.

    FLOP per iteration = 2 m (k (P_G + 4 P_D + 2 P'_D) + k_g (P_G + P_G + P'_G + 2 P_D))

P is the number of multiply-adds of a network's forward pass for one row, and P' that of its layers
above the first. m is the minibatch size, k the number of D steps and k_g that of G steps. A D step
runs G on m rows, and D forward and backward on 2m rows; a G step runs both forward and backward on
m rows. No dx of a first layer is needed, except that of D in a G step. The simultaneous update
order has one forward pass of G and one of D fewer.

The time is that of the matrix products alone, at the rate of one product measured here, so a run
takes longer.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from minigan.layers import Convolution, Deconvolution
from minigan.network import Network
from minigan.training.networks import bytes_of
from minigan.training.recipes import Recipe

LONG = 1e14  # FLOP of a run that takes minutes
SIDE = 1024  # of the measured product
TRIES = 3


@dataclass(frozen=True)
class WeightMatrix:
    """W (n, u) of layer number `layer`, and its number of products x W for each row of a minibatch.

    A linear layer has one product, a convolution or deconvolution one for each position. The
    `patches` of a convolution are x, those of a deconvolution y; "" if there are none.
    """

    layer: int
    n: int
    u: int
    positions: int = 1
    patches: str = ""


def weight_matrices(network: Network) -> Iterator[WeightMatrix]:
    """Every W of the network, from the first layer to the last."""
    for i, (layer, n) in enumerate(zip(network.layers, network.widths[:-1], strict=True)):
        for shape in layer.shapes(n).values():
            rows, columns = math.prod(shape[:-1]), shape[-1]
            if isinstance(layer, Convolution) and len(shape) > 1:
                yield WeightMatrix(i, rows, columns, layer.windows.positions, "x")
            elif isinstance(layer, Deconvolution) and len(shape) > 1:
                yield WeightMatrix(i, columns, rows, layer.windows.positions, "y")
            elif len(shape) > 1:
                yield WeightMatrix(i, rows, columns)


def multiply_adds(network: Network) -> tuple[int, int]:
    """(P, P'): those of all layers for one row, and those of the layers above the first.

    The first layer is the lowest one with weights.
    """
    matrices = list(weight_matrices(network))
    counts = [(W.layer, W.positions * W.n * W.u) for W in matrices]
    total = sum(count for _, count in counts)
    return total, total - sum(count for layer, count in counts if layer == matrices[0].layer)


def flop_per_iteration(recipe: Recipe, G: Network, D: Network) -> float:
    """The floating-point operations of the products in one iteration."""
    training = recipe.training
    (of_G, upper_G), (of_D, upper_D) = multiply_adds(G), multiply_adds(D)
    D_step = of_G + 4 * of_D + 2 * upper_D
    G_step = of_G + upper_G + of_D  # without the two forward passes
    if training.schedule == "simultaneous":
        return 2.0 * training.m * (D_step + G_step)
    G_step += of_G + of_D
    return 2.0 * training.m * (training.k * D_step + training.g_steps * G_step)


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
    parameters = sum(math.prod(shape) for net in (G, D) for shape in net.shapes.values())
    flop, needed = flop_per_iteration(recipe, G, D), bytes_of(recipe, G, D)
    return sentence_of(parameters, needed, flop, recipe.training.iterations, on_cpu)


def sentence_of(
    parameters: int, needed: int, flop: float, iterations: int, on_cpu: bool
) -> str | None:
    """The sentence of `announcement`, from the bytes needed and the flop of one iteration."""
    if flop * iterations < LONG:
        return None
    sentence = (
        f"{parameters / 1e6:,.1f} million parameters, at least {needed / 1e9:.2g} GB of memory, "
        f"{iterations:,} iterations of about {flop / 1e9:,.3g} GFLOP"
    )
    if not on_cpu:
        return sentence
    hours = flop * iterations / product_rate() / 3600
    return f"{sentence}: at least {hours:,.1f} hours on this machine"
