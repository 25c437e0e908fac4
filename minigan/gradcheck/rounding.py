"""The rounding errors of gradients, measured by changing the inputs a little.

    floor_i = 16 max |backward(dy', x')_i - backward(dy, x)_i| + 16 eps sum |dy_j y_j| / |x_i|
    x' = x (1 + n eps),  n in -2, ..., 2;  or x' = x in long double

A gradient that changes with the last bits of x and dy or with the precision is not better known by
these numbers; nor is one that changes L by less than its rounding errors if x changes by x. Where a
function saturates, they may change nothing, although the gradient has lost its digits. Then the
distance of the two gradients is compared at points nearby: rounding errors are erratic, a wrong
formula is not.

    spread = 4 max |q' - mean q'|,   q' = (analytic - numeric) / max|numeric| at x' = x (1 + 1e-3 u)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.differences import UNIT
from minigan.gradcheck.leaf import to_numpy
from minigan.gradcheck.numeric import typical_size
from minigan.gradcheck.pair import Line, Pair

PERTURBATIONS = 8
ROUNDING = 16.0  # times the largest change
NEARBY, ERRATIC = 1e-3, 4.0


def perturbed(pair: Pair, rng: np.random.Generator) -> Pair:
    """The pair with all numbers of the inputs and of dy changed in their last bits."""

    def moved(x: Array) -> Array:
        return np.asarray(x * (1 + UNIT * rng.integers(-2, 3, x.shape)))

    return replace(pair.at(moved), dy=moved(pair.dy))


def rounding_of_backward(pair: Pair, k: int, gradient: Array) -> Array:
    """The rounding error of each entry of the gradient of leaf k."""
    rng, largest = np.random.default_rng(1), UNIT * np.abs(gradient)
    precise = pair.extended
    others = [replace(precise, dy=pair.dy.astype(precise.leaves[k].x.dtype))]
    for other in others + [perturbed(pair, rng) for _ in range(PERTURBATIONS)]:
        try:
            found = to_numpy(other.gradients(other.dy)[k]).astype(np.float64)
        except Exception:  # backward rejects this point
            continue
        if found.shape == gradient.shape:
            largest = np.fmax(largest, np.abs(found - gradient))
    return ROUNDING * np.where(np.isfinite(largest), largest, 0.0)


def rounding_of_forward(pair: Pair, k: int) -> Array:
    """The gradient of leaf k that changes L only by rounding errors, if x changes by x eps.

    Saturated functions have smaller gradients, which backward cannot compute from y.
    """
    x = pair.leaves[k].x
    size = np.maximum(np.abs(x), typical_size(x))
    return np.asarray(ROUNDING * pair.epsilon * np.sum(np.abs(pair.dy * pair.y)) / size)


def spread_nearby(
    pair: Pair, k: int, directions: Sequence[int | Array], numeric: Callable[[Line], float]
) -> float:
    """How erratic the relative distance of the two gradients of leaf k is at points nearby.

    It is relative to the largest of these numeric derivatives, and absolute where all are 0.
    Returns 0 if fewer than 4 points are valid.
    """
    rng, found = np.random.default_rng(3), []
    for _ in range(PERTURBATIONS):
        other = pair.at(lambda x: x * (1 + NEARBY * rng.uniform(-1, 1, x.shape)))
        try:
            gradient = to_numpy(other.gradients(other.dy)[k]).astype(np.float64)
            lines = [Line(other, k, direction) for direction in directions]
            n = np.array([numeric(line) for line in lines])
            a = np.array([line.along(gradient) for line in lines])
        except Exception:  # forward or backward rejects this point
            continue
        q = (a - n) / (np.max(np.abs(n)) or 1.0)
        if np.all(np.isfinite(q)):
            found.append(q)
    if len(found) < PERTURBATIONS // 2:
        return 0.0
    q = np.array(found)
    return ERRATIC * float(np.max(np.abs(q - q.mean(axis=0))))
