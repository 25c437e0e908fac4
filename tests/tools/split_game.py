"""A small game of which each rank has some rows, in float64 or float32; and its updates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigan import algorithm_1
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import GameParts
from minigan.backends.ranks import adapt_to_ranks
from minigan.data import toys
from minigan.data.points import Points
from minigan.draws import noise
from minigan.draws.minibatches import Minibatches
from minigan.finite import FiniteCheck
from minigan.game import Game
from minigan.layers import Dropout, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network
from minigan.objectives import non_saturating
from minigan.optimizers import Momentum
from minigan.schedules import Constant
from minigan.system.ranks import ALONE, Ranks

Z, N = 2, 5
G = Network(Z, (Linear(6, 0.7), ReLU(), Linear(N, 0.7), Sigmoid()))
D = Network(N, (Dropout(0.8), Linear(6, 0.7), Maxout(3, 2), Dropout(0.5), Linear(1, 0.7)))


@dataclass(frozen=True)
class Cast:
    """Draws as another type of number."""

    draws: Any
    dtype: Any

    def data(self, step: int, *, out: Any = None) -> Any:
        return self.draws.data(step).astype(self.dtype)

    def noise(self, player: str, step: int) -> Any:
        return self.draws.noise(player, step).astype(self.dtype)

    def masks(self, player: str, step: int, rows: int) -> Any:
        return self.draws.masks(player, step, rows)


def game(ranks: Ranks = ALONE, dtype: Any = np.float64, m: int = 7, **options: Any) -> Any:
    """The game of this rank. `options` are fields of Game."""
    x = np.random.default_rng(5).random((40, N), dtype=np.float32)
    examples = Points(x, toys.ring())  # only the numbers are used
    draws = Minibatches(3, examples, m, "epochs", noise.gaussian, Z, D.mask_sizes)
    player_g, player_d = (
        Momentum(net.initial(1, name, dtype), Constant(0.2), Constant(0.5))
        for net, name in ((G, "theta_g"), (D, "theta_d"))
    )
    parts = GameParts(G, D, player_g, player_d, draws, non_saturating, FiniteCheck(), m)
    own = {name: options.pop(name) for name in list(options) if hasattr(parts, name)}
    adapted = adapt_to_ranks(replace(parts, **own), NumPyBackend(), ranks)
    return Game(**{**vars(adapted), "draws": Cast(adapted.draws, dtype)}, **options)


def states(
    ranks: Ranks = ALONE, order: str = "algorithm1", iterations: int = 20, **options: Any
) -> Any:
    """theta and v of both players after each of the first iterations: (iterations, numbers)."""
    one, found = game(ranks, **options), []
    for t in range(iterations):
        algorithm_1.UPDATE_ORDERS[order](one, t)
        players: Any = one.player_g, one.player_d
        found.append(np.concatenate([a for p in players for a in (p.theta.vector, p.v)]))
    return np.array(found)
