"""A model of the time of an iteration on P ranks, and its predictions.

    time(P) = W / (P F) + U n_P L + U 2 (P - 1) / P B / R + S B / M

    W    FLOP of an iteration            F    FLOP/s of one rank
    U    updates in an iteration         L    seconds of one message
    n_P  2 (P - 1): messages that a rank sends for one sum
    B    bytes of theta of one player (the mean of both)
    R    bytes/s that a rank sends and receives
    S    readings and writings of theta that every rank makes whole: passes, sum and update
    M    bytes/s of memory

    python benchmarks/ranks_model.py

The constants are assumptions, not measurements: those of a cluster of ordinary nodes with a fast
network, with one rank of 16 cores. A rank needs at least one row, so P is at most m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from minigan.training import recipes
from minigan.training.networks import build_D, build_G
from minigan.training.workload import flop_per_iteration

RANKS = (1, 2, 4, 16, 64, 256, 1024)
SHAPES = {"mnist": (28, 28, 1), "cifar-10": (32, 32, 3)}
CASES = (
    ("mnist-2014", 100),
    ("mnist-2014", 1024),
    ("cifar10-fc-2014", 100),
    ("cifar10-fc-2014", 1024),
    ("cifar10-conv-2014", 128),
    ("cifar10-conv-2014", 1024),
)


@dataclass(frozen=True)
class Constants:
    """F, L, R, S and M; see the docstring of the module."""

    F: float = 500e9  # 16 cores
    L: float = 2e-6
    R: float = 10e9
    S: float = 12.0
    M: float = 100e9


@dataclass(frozen=True)
class Iteration:
    """W, U and B of one iteration, and the minibatch size m."""

    W: float
    U: int
    B: float
    m: int


def seconds(one: Iteration, P: int, c: Constants) -> float:
    """time(P). Raises ValueError if P is more than m."""
    if not 1 <= P <= one.m:
        raise ValueError(f"P must be 1 to {one.m}, not {P}")
    latency = one.U * 2 * (P - 1) * c.L
    transfer = one.U * 2 * (P - 1) / P * one.B / c.R
    return one.W / (P * c.F) + latency + transfer + one.U * c.S * one.B / c.M


def best(one: Iteration, c: Constants) -> int:
    """The number of ranks up to m with the shortest time."""
    return min(range(1, one.m + 1), key=lambda P: seconds(one, P, c))


def pays_up_to(one: Iteration, c: Constants) -> int:
    """The largest P for which P ranks are at least P / 2 times as fast as one."""
    alone = seconds(one, 1, c)
    return max(P for P in range(1, one.m + 1) if alone / seconds(one, P, c) >= P / 2)


def iteration_of(name: str, m: int) -> Iteration:
    """The iteration of a recipe with another minibatch size."""
    recipe = recipes.load(name, [f"training.m={m}"])
    shape = SHAPES[recipe.data.set]
    n = math.prod(shape)
    G = build_G(recipe.generator, recipe.prior.size, n, shape)
    D = build_D(recipe.discriminator, n, shape)
    sizes = [sum(math.prod(one) for one in net.shapes.values()) for net in (G, D)]
    k, g_steps = recipe.training.k, recipe.training.g_steps
    U = 2 if recipe.training.schedule == "simultaneous" else k + g_steps
    return Iteration(flop_per_iteration(recipe, G, D), U, 4 * sum(sizes) / 2, m)


def table(c: Constants) -> str:
    """The speed relative to one rank, as Markdown."""
    heads = ["recipe", "m", "GFLOP", "MB of θ", "1 rank", *map(str, RANKS[1:])]
    heads += ["pays up to", "fastest"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, m in CASES:
        one = iteration_of(name, m)
        alone = seconds(one, 1, c)
        cells = [name, str(m), f"{one.W / 1e9:.1f}", f"{2 * one.B / 1e6:.0f}"]
        cells.append(f"{1e3 * alone:.1f} ms")
        cells += [f"{alone / seconds(one, P, c):.1f}" if m >= P else "" for P in RANKS[1:]]
        cells += [str(pays_up_to(one, c)), str(best(one, c))]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(Constants()))
