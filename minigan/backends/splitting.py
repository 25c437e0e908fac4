"""Which parts of a game can be split over rows: tried on a few numbers, before the first iteration.

    mean over rows        gradient(a_1, a_2) = (gradient(a_1), gradient(a_2)) / 2
    row by row            layer(x_1, x_2)[0] = layer(x_1)[0]

A part of your own is accepted or refused by what it computes, not by its name. Refused are, for
example, an objective that subtracts the mean logit of the minibatch, and a layer that normalises by
the statistics of the minibatch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array, array_module
from minigan.backends.protocol import Backend, GameParts
from minigan.errors import UserError
from minigan.network import Network
from minigan.objectives import Objective
from minigan.objectives.penalties import Penalty
from minigan.parameters import Parameters

ROWS = 16
TOLERANCE = 1e-3  # of the largest number; rounding in float32 is 1e-6, a dependence on rows is 1


def require_splittable(parts: GameParts, backend: Backend) -> None:
    """Raise UserError, with its name, for a part whose result for a row depends on other rows."""
    rng = np.random.default_rng(0)
    _require_objective(parts.objective, rng)
    for network, player in ((parts.G, parts.player_g), (parts.D, parts.player_d)):
        theta = player.theta
        x = rng.standard_normal((ROWS, network.inputs)).astype(theta.vector.dtype)
        _require_layers(network, theta, backend.asarray(x))
    if parts.penalty is not None:
        _require_penalty(parts.penalty, parts.D, parts.player_d.theta, backend.asarray(x))


def rows_of_penalty(penalty: Any, first: int) -> Any:
    """The penalty of the rows from `first` on: `penalty.from_row(first)` where it has draws."""
    return penalty.from_row(first) if hasattr(penalty, "from_row") else penalty


def _require_objective(objective: Objective, rng: np.random.Generator) -> None:
    a = rng.standard_normal((ROWS, 1))  # in V, half of them of data
    a_real = a[::-1]
    whole, parts = np.empty((2, *a.shape)), np.empty((2, *a.shape))
    objective.value_with_gradient(a, 1.0, out=whole[0])
    objective.loss_with_gradient(a, a_real, out=whole[1])
    for rank in range(2):
        objective.value_with_gradient(a[rank::2], 0.5, out=parts[0, rank::2])
        objective.loss_with_gradient(a[rank::2], a_real[rank::2], out=parts[1, rank::2])
    parts[1] /= 2
    if _differ(whole[0], parts[0]) or _differ(whole[1], parts[1]):
        raise UserError(
            f"the objective {objective.name} is not a mean over rows, so its gradient cannot be "
            "summed over ranks: train with one rank"
        )


def _require_layers(network: Network, theta: Parameters, x: Array) -> None:
    both, alone = network.forward(theta, x[:2]), network.forward(theta, x[:1])
    outputs = [[*(layer.x for layer in one.layers[1:]), one.y] for one in (both, alone)]
    for name, of_two, of_one in zip(network.names, *outputs, strict=True):
        if _differ(of_two[:1], of_one):
            raise UserError(
                f"the layer {name} computes a row from other rows of the minibatch, which are on "
                "other ranks: train with one rank"
            )


def _require_penalty(penalty: Penalty, D: Network, theta: Parameters, x: Array) -> None:
    xp = array_module(x)

    def gradient(part: Penalty, batch: Array) -> Array:
        out, da = D.zeros(x.dtype, xp), xp.zeros((len(batch), 1), dtype=x.dtype)
        part.backward(D, D.forward(theta, batch), da, 0, out=out)
        return out.vector

    half, quarter = ROWS // 2, ROWS // 4  # the first half of the rows is data
    ranks = [xp.concatenate([x[i : i + quarter], x[half + i :][:quarter]]) for i in (0, quarter)]
    second = gradient(rows_of_penalty(penalty, quarter), ranks[1])
    parts = gradient(penalty, ranks[0]) + second
    if _differ(gradient(penalty, x), parts / 2):
        raise UserError(
            f"the penalty {type(penalty).__name__} is not a mean over rows, so its gradient cannot "
            "be summed over ranks: train with one rank"
        )


def _differ(one: Array, other: Array) -> bool:
    return bool(abs(one - other).max() > TOLERANCE * abs(one).max())
