"""An objective says what D ascends and what G descends, as functions of D's logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from minigan.arrays import Array
from minigan.layers import sigmoid
from minigan.objectives.equation_1 import value, value_gradient


class Equilibrium(NamedTuple):
    """The values of V, of G's loss and of D(x) where p_g = p_data and D is optimal."""

    V: float
    loss_g: float
    D: float


@dataclass(frozen=True)
class Objective:
    """The objectives of both players, as functions of D's logits (m, 1).

    name: the name in logs and reports.
    loss(a_fake): the scalar that G descends.
    loss_gradient(a_fake, *, out=None): d(loss)/da_fake, (m, 1).
    equilibrium: the values that logs and plots show for comparison.
    value(a_real, a_fake): the scalar that D ascends.
    value_gradient(a_real, a_fake, *, out=None): (dV/da_real, dV/da_fake), (m, 1) each.
    pairs: whether G's loss compares each sample with an example. `loss` and `loss_gradient` then
        get (a_fake, a_real), and a G step computes D's logits of m examples, too.
    D(a): D's output as a function of the logit, elementwise.
    unit: the unit of value and loss, for example "nats"; "" for none.

    The defaults are those of Eq. 1. To define a custom objective, make another instance
    (docs/extending.md) and check its gradients with `minigan.check_objective`.
    """

    name: str
    loss: Callable[..., Any]
    loss_gradient: Callable[..., Array]
    equilibrium: Equilibrium
    value: Callable[[Array, Array], Any] = value
    value_gradient: Callable[..., tuple[Array, Array]] = value_gradient
    D: Callable[[Array], Array] = sigmoid.forward
    unit: str = "nats"
    pairs: bool = False

    def value_with_gradient(self, a: Array, weight: float, *, out: Array) -> Any:
        """V of the logits a (2m, 1), examples first; writes weight * dV/da to out (2m, 1)."""
        m = len(a) // 2
        halves = out[:m], out[m:]
        for half, da in zip(halves, self.value_gradient(a[:m], a[m:], out=halves), strict=True):
            if da is not half:  # a function that returned a new array
                half[...] = da
        out *= weight
        return self.value(a[:m], a[m:])

    def loss_with_gradient(self, a: Array, a_real: Array | None = None, *, out: Array) -> Any:
        """G's loss of the logits a (m, 1) of samples; writes its gradient in a to out (m, 1).

        a_real (m, 1), the logits of examples, is used by an objective of pairs only.
        """
        da = self.loss_gradient(*self.logits_of_loss(a, a_real), out=out)
        if da is not out:
            out[...] = da
        return self.loss(*self.logits_of_loss(a, a_real))

    def logits_of_loss(self, a_fake: Array, a_real: Array | None) -> tuple[Array, ...]:
        """The arguments of G's loss: (a_fake, a_real) for an objective of pairs, else (a_fake,).

        Raises ValueError for pairs without a_real.
        """
        if not self.pairs:
            return (a_fake,)
        if a_real is None:
            raise ValueError(f"the loss of {self.name} compares samples with examples: pass a_real")
        return a_fake, a_real
