"""The seam between the maths and the ranks of a run: each gradient is summed over the ranks.

    g = sum_r (m_r / m) g_r        g_r: the gradient of the mean over the m_r rows of rank r

So g is the gradient of the mean over all m rows, for every objective and penalty that is a mean
over rows. `adapt` gives a game its rows of the minibatch, and a check that sums: Algorithm 1
passes each gradient to `game.check.gradient` before the update. Losses and the request to stop are
summed in the same message.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from minigan.backends.protocol import Backend, GameParts
from minigan.backends.splitting import require_splittable, rows_of_penalty
from minigan.draws.minibatches import Minibatches
from minigan.draws.rows import RowsOfMinibatches
from minigan.errors import UserError
from minigan.finite import FiniteCheck
from minigan.parameters import Parameters
from minigan.system.ranks import Ranks


def adapt_to_ranks(parts: GameParts, backend: Backend, ranks: Ranks) -> GameParts:
    """The parts of this rank on its device. With one rank, those of `backend.adapt`.

    Raises UserError if m is less than the number of ranks, or for a part that cannot be split.
    """
    if ranks.size == 1:
        return backend.adapt(parts)
    rows = ranks.rows(parts.m)
    if not isinstance(parts.draws, Minibatches):
        name = type(parts.draws).__name__
        raise UserError(f"the draws {name} cannot be split over ranks: use Minibatches")
    require_splittable(parts, backend)
    own = backend.adapt(
        replace(
            parts,
            m=len(rows),
            draws=RowsOfMinibatches(parts.draws, rows),
            penalty=rows_of_penalty(parts.penalty, rows.start),
        )
    )
    return replace(own, check=SummedCheck(backend, ranks, len(rows) / parts.m))


class SummedCheck(FiniteCheck):
    """Sums gradients and losses over the ranks, then checks them: all ranks find the same error.

    share: m_r / m. The message is one array, (g, the losses since the last gradient, the request
    to stop), in the memory of the host.
    """

    def __init__(self, backend: Backend, ranks: Ranks, share: float) -> None:
        super().__init__()
        self._backend, self._ranks, self._share = backend, ranks, share

    def loss(self, name: str, value: Any) -> None:
        """Keep this rank's part of a loss until the next gradient."""
        host = self._backend.to_host(self._backend.xp.asarray(value))
        self._losses.append((name, self._share * np.asarray(host).item()))

    def gradient(self, player: str, g: Parameters) -> Parameters:
        """Replace g by its sum, and return it. Raises NotFiniteError for it or for a loss."""
        n, ranks = g.vector.size, self._ranks
        names = [name for name, _ in self._losses]
        message = np.empty(n + len(names) + 1, g.vector.dtype)
        np.multiply(self._backend.to_host(g.vector), self._share, out=message[:n])
        message[n:-1] = [part for _, part in self._losses]
        message[-1] = ranks.stop_requested
        total = ranks.total(message)
        g.vector[...] = self._backend.asarray(total[:n])
        ranks.stop_agreed |= bool(total[-1] > 0)
        self._losses = list(zip(names, total[n:-1].tolist(), strict=True))
        self.flush()
        return super().gradient(player, g)
