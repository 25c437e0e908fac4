"""Two plays from one seed end in the same bits.

    digest of theta_g, theta_d, v_g, v_d after every tenth iteration, and after the last

The kernels add in an order of their own; what this finds out on a GPU is whether cuBLAS does too.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from minigan.algorithm1 import UPDATE_ORDERS
from minigan.backends.cupy import CuPyBackend
from minigan.bench.gpu.games import game_on, setting
from minigan.bench.gpu.workload import GPUWorkload
from minigan.game import Game

EVERY = 10


@dataclass(frozen=True)
class Repeated:
    """How many iterations were played twice, and after which one the bits were first seen apart."""

    schedule: str
    iterations: int
    apart_after: int | None

    @property
    def passed(self) -> bool:
        """Whether no bit was different."""
        return self.apart_after is None


def run_twice(backend: CuPyBackend, schedule: str, workload: GPUWorkload) -> Repeated:
    """Play the paper's networks twice from the same seed."""
    first, second = (_digests(backend, schedule, workload) for _ in range(2))
    apart = (t for t in first if first[t] != second[t])
    return Repeated(schedule, workload.repeated, next(apart, None))


def _digests(backend: CuPyBackend, schedule: str, workload: GPUWorkload) -> dict[int, str]:
    game = game_on(backend, setting(schedule, *workload.played))
    found = {}
    for t in range(1, workload.repeated + 1):
        UPDATE_ORDERS[schedule](game, t - 1)
        if t % EVERY == 0 or t == workload.repeated:
            found[t] = _digest(game, backend)
    game.check.flush()
    return found


def _digest(game: Game, backend: CuPyBackend) -> str:
    digest = hashlib.sha256()
    for player in (game.player_g, game.player_d):
        for vector in (player.theta.vector, *player.state().values()):
            digest.update(np.ascontiguousarray(backend.to_host(vector)).tobytes())
    return digest.hexdigest()
