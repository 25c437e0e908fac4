"""Ablations of the draws: prefetched in a second thread, and without the system's entropy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from unittest.mock import patch

import numpy as np
from numpy.random.bit_generator import ISeedSequence

from minigan.arrays import Array
from minigan.draws import streams
from minigan.draws.minibatches import Draws

T = TypeVar("T")


@dataclass
class PrefetchedDraws:
    """`Draws` that compute the draws of the next step in a second thread.

    A draw is a pure function of its arguments, so the result does not depend on the time of the
    call. Each call starts the same draw for the next step in the helper thread.
    """

    draws: Draws
    helper: ThreadPoolExecutor
    _started: dict[Hashable, Future[Any]] = field(init=False, repr=False, default_factory=dict)

    def data(self, step: int, *, out: Array | None = None) -> Array:
        """x (m, n)."""
        return self._result(self.draws.data, (), step, ())

    def noise(self, player: str, step: int) -> Array:
        """z (m, z_size)."""
        return self._result(self.draws.noise, (player,), step, ())

    def masks(self, player: str, step: int, rows: int) -> list[Array]:
        """One mask (rows, width) for each dropout layer of D."""
        return self._result(self.draws.masks, (player,), step, (rows,))

    def _result(
        self, draw: Callable[..., T], before: tuple[str, ...], step: int, after: tuple[int, ...]
    ) -> T:
        started = self._started.pop((draw.__name__, before, step, after), None)
        result: T = draw(*before, step, *after) if started is None else started.result()
        next_draw = (draw.__name__, before, step + 1, after)
        self._started[next_draw] = self.helper.submit(draw, *before, step + 1, *after)
        return result


class _Key(ISeedSequence):
    def __init__(self, key: Array) -> None:
        self.key = key

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Array:
        """The key itself."""
        return self.key


def without_entropy() -> AbstractContextManager[object]:
    """Philox gets its key as a seed sequence: Philox(key=...) reads system entropy it does not use.

    The numbers are the same.
    """

    def philox(seed: int, stream: str, step: int, block: int = 0) -> np.random.Philox:
        name = int.from_bytes(hashlib.blake2b(stream.encode()).digest()[:8], "little")
        key = _Key(np.array([seed, name], dtype=np.uint64))
        return np.random.Philox(key, counter=np.array([block, step, 0, 0], dtype=np.uint64))

    return patch.object(streams, "philox", philox)
