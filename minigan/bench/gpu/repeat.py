"""The check that two trainings from one seed end in the same bits.

    digest of theta_g, theta_d, v_g, v_d after every tenth iteration, and after the last

The kernels sum in a fixed order. Whether cuBLAS does is tested here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.backends.cupy import CuPyBackend
from minigan.bench.gpu.games import game_on, game_setup
from minigan.bench.gpu.workload import GPUWorkload
from minigan.game import Game

EVERY = 10


@dataclass(frozen=True)
class RepeatResult:
    """The result: the iterations that were run twice, and after which one the bits first differ.

    `apart_after` is None if they do not differ.
    """

    schedule: str
    iterations: int
    apart_after: int | None

    @property
    def passed(self) -> bool:
        """Whether all bits were equal."""
        return self.apart_after is None


def run_twice(backend: CuPyBackend, schedule: str, workload: GPUWorkload) -> RepeatResult:
    """Train the paper's networks twice from the same seed, and compare the digests."""
    first, second = (_digests(backend, schedule, workload) for _ in range(2))
    different = (t for t in first if first[t] != second[t])
    return RepeatResult(schedule, workload.repeated, next(different, None))


def _digests(backend: CuPyBackend, schedule: str, workload: GPUWorkload) -> dict[int, str]:
    game = game_on(backend, game_setup(schedule, *workload.paper))
    digests = {}
    for t in range(1, workload.repeated + 1):
        UPDATE_ORDERS[schedule](game, t - 1)
        if t % EVERY == 0 or t == workload.repeated:
            digests[t] = _digest(game, backend)
    game.check.flush()
    return digests


def _digest(game: Game, backend: CuPyBackend) -> str:
    digest = hashlib.sha256()
    for player in (game.player_g, game.player_d):
        for vector in (player.theta.vector, *player.state().values()):
            digest.update(np.ascontiguousarray(backend.to_host(vector)).tobytes())
    return digest.hexdigest()
