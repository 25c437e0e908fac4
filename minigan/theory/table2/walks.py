"""The chain of a GSN, step by step: how fast it mixes, reconstructs, and completes an image.

    x~, h_2 -> x^, h_2 -> ...          one step of `relatives.gsn`, from an image or from noise
    changes = steps between two changes of the class of x^, mean over the chains
    error   = mean over images of the cross-entropy of x^ after one step from a corrupted x
    cost    = slope of `error` over -log2 `changes`: nats for a chain that mixes twice as fast
    settled = the first step from which on the error of the missing half stays within a
              TOLERANCE of its limit, where the other half is given in each step

More noise in training gives a chain that mixes faster and reconstructs worse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.layers import sigmoid
from minigan.parameters import Parameters
from minigan.theory.relatives.gsn import GSN, random_walk, walk_loss, walk_step
from minigan.theory.relatives.vae import binarised

TOLERANCE = 0.05


def walk_of(
    gsn: GSN, theta: Parameters, start: Array, rng: np.random.Generator, known: Array | None = None
) -> Iterator[Array]:
    """x^ (m, n) after each step of an endless walk from `start` (m, n).

    known: values (m, n) that x has before and after each step; NaN where a value is free.
    """
    second = np.zeros((len(start), gsn.hidden[1]), np.float32)

    def given(x: Array) -> Array:
        return x if known is None else np.where(np.isnan(known), x, known)

    def noise() -> Array:
        return np.float32(gsn.noise) * rng.standard_normal(second.shape, dtype=np.float32)

    x = given(start)
    while True:
        step = walk_step(theta, gsn.corrupted(x, rng), second, noise(), noise())
        means = given(sigmoid.forward(step.r))
        yield means
        x, second = given(binarised(means, rng)), step.next_h_2


def corrupted_reconstruction_error(gsn: GSN, theta: Parameters, x: Array, seed: int) -> float:
    """The mean cross-entropy in nats per image after one step from corrupted images x (m, n)."""
    rng = draws.generator(seed, "table 2/reconstruction", 0)
    return float(walk_loss(random_walk(gsn, theta, x, 1, rng), x) * x.shape[1])


def steps_between_changes(
    walk: Iterator[Array], classes: Callable[[Array], Array], steps: int
) -> float:
    """The mean number of steps between two changes of the class. Without any: all steps."""
    seen = np.array([classes(next(walk)) for _ in range(steps)])
    changes = int((seen[1:] != seen[:-1]).sum())
    return seen[1:].size / max(1, changes)


def cost_of_mixing(changes: Array, errors: Array) -> float:
    """The slope in nats, by least squares over several models (models,)."""
    return float(np.polyfit(-np.log2(changes), errors, 1)[0])


def settling_time(errors: Array) -> int:
    """The first step (1, 2, ...) from which on the errors (steps,) stay near their limit.

    The limit is the mean of the second half.
    """
    limit = errors[len(errors) // 2 :].mean()
    outside = np.flatnonzero(abs(errors - limit) > TOLERANCE * limit)
    return int(outside[-1]) + 2 if len(outside) else 1


def completion_errors(
    gsn: GSN, theta: Parameters, x: Array, start: Array, steps: int, seed: int
) -> Array:
    """The mean squared error (steps,) of the lower half of x (m, n), with the upper half given."""
    known = x.copy()
    known[:, x.shape[1] // 2 :] = np.nan
    walk = walk_of(gsn, theta, start, draws.generator(seed, "table 2/completion", 0), known)
    missing = np.isnan(known)
    return np.array([np.square(next(walk) - x)[missing].mean() for _ in range(steps)])
