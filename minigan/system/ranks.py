"""The processes of one run: rank r = 0, 1, ..., P - 1, each with its rows of every minibatch.

    total = p_0 + p_1 + ... + p_(P-1)        added in this order, number by number

    1. Alltoall      rank r receives part r of every p, and adds them in the order of the ranks
    2. Allgather     every rank receives the P sums

The order does not depend on the MPI library or on which message arrives first. Each number is added
by one rank and copied to the others, so all ranks hold the same bits. Each rank sends 2 (P - 1) / P
times the bytes of p, and needs memory for two copies of p, for every P.

No rank waits without end. A request is tested again and again, so that a signal is handled, and
after `patience` seconds RankLost is raised.
"""

from __future__ import annotations

import time
from typing import Any, Protocol

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError

PATIENCE = 1800.0  # seconds; longer than rank 0 needs to score a checkpoint while the others wait
SPIN, PAUSE = 0.05, 0.001  # seconds


class RankLost(UserError):
    """Another rank has not answered. The message says after how many seconds."""


class Communicator(Protocol):
    """The methods of an MPI communicator that are used, with the names of mpi4py."""

    def Get_rank(self) -> int:
        """The number of this process."""

    def Get_size(self) -> int:
        """The number of processes."""

    def Ialltoall(self, sendbuf: Array, recvbuf: Array) -> Any:
        """Send row r of one array to rank r. The request has a method Test."""

    def Iallgather(self, sendbuf: Array, recvbuf: Array) -> Any:
        """Send one array to all ranks. The request has a method Test."""


class Ranks:
    """This process and the others of its run.

    rank, size: the number of this process, and of all.
    local: the number of this process among those on the same machine.
    messages, bytes: what this process has sent so far.
    """

    def __init__(
        self, comm: Communicator | None = None, local: int = 0, patience: float = PATIENCE
    ) -> None:
        self._comm, self.local, self.patience = comm, local, patience
        self.rank = 0 if comm is None else comm.Get_rank()
        self.size = 1 if comm is None else comm.Get_size()
        self.messages = self.bytes = 0
        self.stop_requested = self.stop_agreed = False
        self._buffers: dict[tuple[int, str], tuple[Array, Array]] = {}

    def rows(self, m: int) -> range:
        """The rows of a minibatch of m that are those of this rank.

        Their numbers differ by at most 1. Raises UserError if m is less than the number of ranks.
        """
        if m < self.size:
            raise UserError(
                f"training.m = {m} is less than the {self.size} ranks: start at most {m}"
            )
        return self._rows_of(self.rank, m)

    def total(self, values: Array) -> Array:
        """The sum of `values` (n,) over all ranks, with the same bits on each.

        The result is a buffer, which the next call with the same n and dtype overwrites.
        """
        P, n = self.size, len(values)
        key = (n, values.dtype.str)
        if key not in self._buffers:
            shape = P, -(-n // P)
            self._buffers[key] = np.zeros(shape, values.dtype), np.empty(shape, values.dtype)
        whole, parts = self._buffers[key]
        whole.reshape(-1)[:n] = values
        self._exchange("Ialltoall", whole, parts, parts[0].nbytes)
        for part in parts[1:]:
            parts[0] += part
        self._exchange("Iallgather", parts[0], whole, parts[0].nbytes)
        return whole.reshape(-1)[:n]

    def all_of(self, mine: Array) -> Array:
        """The arrays `mine` of all ranks, of one shape, in the order of the ranks: (size, ...)."""
        found = np.empty((self.size, *mine.shape), mine.dtype)
        self._exchange("Iallgather", np.ascontiguousarray(mine), found, mine.nbytes)
        return found

    def all_rows(self, mine: Array, m: int) -> Array:
        """The m rows of which each rank has its `rows`."""
        if self.size == 1:
            return mine
        padded = np.zeros((-(-m // self.size), *mine.shape[1:]), mine.dtype)
        padded[: len(mine)] = mine
        found = self.all_of(padded)
        return np.concatenate([found[r][: len(self._rows_of(r, m))] for r in range(self.size)])

    def text_of_first(self, text: str) -> str:
        """The text of rank 0; that of the others is ignored."""
        data = text.encode(errors="surrogateescape")
        size = int(self.all_of(np.array([len(data)]))[0, 0])
        own = data if self.rank == 0 else bytes(size)
        first: bytes = self.all_of(np.frombuffer(own, np.uint8))[0].tobytes()
        return first.decode(errors="surrogateescape")

    def stops(self, requested: bool) -> bool:
        """Whether a rank has requested a stop, in time for all ranks to know of it.

        The request of this rank travels with its next gradient (`backends.ranks`).
        """
        if self.size == 1:
            return requested
        self.stop_requested = requested
        return self.stop_agreed

    def _rows_of(self, rank: int, m: int) -> range:
        return range(rank * m // self.size, (rank + 1) * m // self.size)

    def _exchange(self, kind: str, sent: Array, received: Array, size: int) -> None:
        """Send `size` bytes to each other rank, and wait for theirs."""
        if self._comm is None:
            received.reshape(sent.shape)[...] = sent
            return
        request = getattr(self._comm, kind)(sent, received)
        start = time.monotonic()
        while not request.Test():
            waited = time.monotonic() - start
            if waited > self.patience:
                raise RankLost(
                    f"another rank has not answered for {self.patience:g} s: it has failed, or its "
                    "machine cannot be reached; --resume continues from the last checkpoint"
                )
            time.sleep(PAUSE if waited > SPIN else 0)
        self.messages += self.size - 1
        self.bytes += (self.size - 1) * size


ALONE = Ranks()  # a run of one process
