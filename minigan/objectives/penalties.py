"""Penalties on the norm of D's input gradient g = da/dx, which D descends: D ascends V - P.

    R1         gamma/2 mean ||g||^2            at the data              Mescheder et al. 2018
    R2         gamma/2 mean ||g||^2            at the samples
    R1R2       R1 + R2                                                  R3GAN, Huang et al. 2024
    WGANGP     lambda mean (||g|| - 1)^2       between both, at x_hat   Gulrajani et al. 2017

    x_hat = eps x + (1 - eps) G(z),  eps uniform on [0, 1), one for each row

The norm is that of a whole row: all pixels and channels of one image. g is the gradient of the
logit, not of D = sigma(a). `second_order` has the gradient of a penalty in theta_d. It needs
r = dP/dg. Since d||g||^2/dg = 2 g and d||g||/dg = g / ||g||,

    R1, R2     r_i = gamma / m g_i
    WGANGP     r_i = 2 lambda / m (1 - 1 / ||g_i||) g_i

Where ||g_i|| = 0 the norm has no derivative; by definition r_i = 0 there. gamma and lambda are
numbers, or schedules over the D steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, ClassVar, Protocol

import numpy as np

from minigan.arrays import Array, array_module
from minigan.draws import generator
from minigan.network import Network
from minigan.objectives.second_order import backward_minus_penalty
from minigan.parameters import Parameters
from minigan.schedules import ExponentialDecay, Schedule
from minigan.trace import Trace


class Penalty(Protocol):
    """A penalty on D."""

    def backward(self, D: Network, both: Trace, da: Array, step: int, *, out: Parameters) -> Any:
        """The penalty P; writes d(sum_i da_i a_i - P) / d theta_d to out.

        both: D's pass over m rows of data and m rows of samples. da (2m, 1): d(weight V) / da.
        step: the number of this D step, for draws.
        """


def squared_norm(g: Array, gamma: float, m: int) -> tuple[Any, Array]:
    """(P, r) of P = gamma/2 (1/m) sum_i ||g_i||^2, for g (rows, n)."""
    return gamma / (2 * m) * (g * g).sum(), gamma / m * g


def norm_minus_1(g: Array, lambda_: float) -> tuple[Any, Array]:
    """(P, r) of P = lambda mean (||g_i|| - 1)^2, for g (m, n); r_i = 0 where ||g_i|| = 0."""
    xp = array_module(g)
    norms = xp.sqrt((g * g).sum(axis=1, keepdims=True))
    divisors = xp.where(norms == 0, 1, norms)
    return lambda_ * xp.square(norms - 1).mean(), 2 * lambda_ / len(g) * (1 - 1 / divisors) * g


@dataclass(frozen=True)
class R1:
    """gamma/2 mean ||g||^2 at the data. Raises ValueError unless gamma >= 0."""

    gamma: float | Schedule
    halves: ClassVar[tuple[int, int]] = (0, 1)  # of the 2m rows, in units of m

    def __post_init__(self) -> None:
        _require_weight("gamma", self.gamma)

    def backward(self, D: Network, both: Trace, da: Array, step: int, *, out: Parameters) -> Any:
        """P; writes d(sum_i da_i a_i - P) / d theta_d to out."""
        m = len(both) // 2
        rows = slice(self.halves[0] * m, self.halves[1] * m)
        penalty = partial(squared_norm, gamma=_at(self.gamma, step), m=m)
        return backward_minus_penalty(D, both, da, rows, penalty, out=out)


@dataclass(frozen=True)
class R2(R1):
    """gamma/2 mean ||g||^2 at the samples."""

    halves: ClassVar[tuple[int, int]] = (1, 2)


@dataclass(frozen=True)
class R1R2(R1):
    """R1 + R2: gamma/2 mean ||g||^2 at the data, and the same at the samples."""

    halves: ClassVar[tuple[int, int]] = (0, 2)


@dataclass
class WGANGP:
    """lambda mean (||g|| - 1)^2 at x_hat. Raises ValueError unless lambda >= 0.

    eps is a function of (seed, "penalty/eps", step). Row i of x_hat has the masks of x_i. D's pass
    over x_hat and the gradient of P are buffers that the next step of the same D uses again.
    `first` is the number of rows of the minibatch before these, if several processes share it.
    """

    lambda_: float | Schedule
    seed: int
    first: int = 0
    _buffers: tuple[Any, Trace, Parameters] | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        _require_weight("lambda", self.lambda_)

    def backward(self, D: Network, both: Trace, da: Array, step: int, *, out: Parameters) -> Any:
        """P; writes d(sum_i da_i a_i - P) / d theta_d to out."""
        D.backward(both, da, inputs=False, out=out)
        m, theta = len(both) // 2, both.theta()
        masks = [layer.mask[:m] for layer in both.layers if layer.mask is not None]
        trace, own = self._buffers_of(D, m, theta)
        x_hat = self.x_hat(both.layers[0].x, step)
        between = D.forward(theta, x_hat, masks or None, trace=trace)
        penalty = partial(norm_minus_1, lambda_=_at(self.lambda_, step))
        no_V = array_module(da).zeros_like(da[:m])
        P = backward_minus_penalty(D, between, no_V, slice(0, m), penalty, out=own)
        out.vector += own.vector
        return P

    def x_hat(self, batch: Array, step: int) -> Array:
        """eps x + (1 - eps) G(z) (m, n), for x and G(z) stacked (2m, n)."""
        m = len(batch) // 2
        rng = generator(self.seed, "penalty/eps", step)
        host = rng.random((self.first + m, 1), dtype=np.float32)[self.first :]
        eps = array_module(batch).asarray(host).astype(batch.dtype)
        mixed: Array = eps * batch[:m] + (1 - eps) * batch[m:]
        return mixed

    def from_row(self, first: int) -> WGANGP:
        """The same penalty for the rows of the minibatch from `first` on."""
        return replace(self, first=first)

    def _buffers_of(self, D: Network, m: int, theta: Parameters) -> tuple[Trace, Parameters]:
        """A trace of m rows and a gradient, the same ones as long as the arguments are alike."""
        dtype, xp = theta.vector.dtype, array_module(theta.vector)
        key = D, m, dtype, xp
        if self._buffers is None or self._buffers[0] != key:
            self._buffers = key, D.trace(m, dtype, xp), D.zeros(dtype, xp)
        return self._buffers[1:]


# name -> (weight, seed) -> penalty; only WGANGP has draws
PENALTIES: dict[str, Callable[[float | Schedule, int], Penalty]] = {
    "R1": lambda weight, seed: R1(weight),
    "R2": lambda weight, seed: R2(weight),
    "R1R2": lambda weight, seed: R1R2(weight),
    "WGANGP": WGANGP,
}


def falling(weight: float, divisor: float, floor: float) -> float | Schedule:
    """max(weight / divisor^t, floor) in D step t = 0, 1, ...; the number itself if divisor = 1."""
    return weight if divisor == 1 else ExponentialDecay(weight, divisor, floor)


def _at(weight: float | Schedule, step: int) -> float:
    return weight if isinstance(weight, float | int) else weight(step)


def _require_weight(name: str, weight: float | Schedule) -> None:
    if not 0 <= _at(weight, 0) < math.inf:
        raise ValueError(f"{name} must be a number >= 0, not {weight}")
