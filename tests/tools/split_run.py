"""Under mpiexec: compare the updates of all ranks with those of one process; print JSON."""

from __future__ import annotations

import itertools
import json

import numpy as np
import split_game

from minigan.system import mpi

ranks = mpi.world()
differences, same = [], True
for order, k, m in itertools.product(("algorithm1", "simultaneous"), (1, 3), (7, 8)):
    expected = split_game.states(order=order, k=k, m=m)
    found = split_game.states(ranks, order=order, k=k, m=m)
    differences.append(float(np.abs(found - expected).max()))
    same &= bool((ranks.all_of(found) == found).all())
float32 = [split_game.states(one, dtype=np.float32) for one in (ranks, split_game.ALONE)]
if ranks.rank == 0:
    rounding = float(np.abs(float32[0] - float32[1]).max())
    print(json.dumps({"differences": differences, "same bits": same, "float32": rounding}))
