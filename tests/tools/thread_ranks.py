"""Ranks as threads of one process: what mpi4py does between processes, without mpiexec."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from minigan.system.ranks import Ranks

T = TypeVar("T")


class Done:
    def Test(self) -> bool:
        return True


class ThreadCommunicator:
    """The methods of `Communicator`, for one of several threads that share `board`."""

    def __init__(self, rank: int, board: list[Any], barrier: threading.Barrier) -> None:
        self.rank, self.board, self.barrier = rank, board, barrier

    def Get_rank(self) -> int:
        return self.rank

    def Get_size(self) -> int:
        return len(self.board)

    def Ialltoall(self, sendbuf: Any, recvbuf: Any) -> Done:
        return self._copied(recvbuf, sendbuf, lambda sent: sent[self.rank])

    def Iallgather(self, sendbuf: Any, recvbuf: Any) -> Done:
        return self._copied(recvbuf, sendbuf, lambda sent: sent)

    def _copied(self, received: Any, sent: Any, part: Callable[[Any], Any]) -> Done:
        assert sent.dtype == received.dtype
        assert sent.flags.c_contiguous
        assert received.flags.c_contiguous
        self.board[self.rank] = np.array(sent)
        self.barrier.wait()
        for row, other in zip(received, self.board, strict=True):
            row[...] = part(other)
        self.barrier.wait()
        return Done()


def on_ranks(size: int, work: Callable[[Ranks], T]) -> list[T]:
    """The results of `work` on each of `size` ranks; an error of one of them is raised here."""
    barrier, board = threading.Barrier(size, timeout=60), [None] * size

    def one(rank: int) -> T:
        try:
            return work(Ranks(ThreadCommunicator(rank, board, barrier), local=rank))
        except BaseException:
            barrier.abort()
            raise

    with ThreadPoolExecutor(size) as pool:
        futures = [pool.submit(one, rank) for rank in range(size)]
    errors = [error for future in futures if (error := future.exception())]
    broken = threading.BrokenBarrierError
    for error in sorted(errors, key=lambda error: isinstance(error, broken)):
        raise error
    return [future.result() for future in futures]
