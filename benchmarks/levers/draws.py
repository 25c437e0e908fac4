"""Levers of the draws: ahead of need in a second thread, and without the system's entropy."""

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

from minigan import draws
from minigan.arrays import Array
from minigan.game import Draws

T = TypeVar("T")


@dataclass
class Ahead:
    """`Draws` that make the draws of the next step while this one is played.

    A draw is a pure function of what is asked for, so to ask early cannot change an answer: the
    same question with the next step's number goes to the helper as soon as this one is answered.
    """

    draws: Draws
    helper: ThreadPoolExecutor
    _asked: dict[Hashable, Future[Any]] = field(init=False, repr=False, default_factory=dict)

    def data(self, step: int, *, out: Array | None = None) -> Array:
        """x (m, n)."""
        return self._answer(self.draws.data, (), step, ())

    def noise(self, player: str, step: int) -> Array:
        """z (m, z_size)."""
        return self._answer(self.draws.noise, (player,), step, ())

    def masks(self, player: str, step: int, rows: int) -> list[Array]:
        """One mask (rows, width) for each dropout layer of D."""
        return self._answer(self.draws.masks, (player,), step, (rows,))

    def _answer(
        self, draw: Callable[..., T], before: tuple[str, ...], step: int, after: tuple[int, ...]
    ) -> T:
        asked = self._asked.pop((draw.__name__, before, step, after), None)
        answer: T = draw(*before, step, *after) if asked is None else asked.result()
        following = (draw.__name__, before, step + 1, after)
        self._asked[following] = self.helper.submit(draw, *before, step + 1, *after)
        return answer


class _Key(ISeedSequence):
    def __init__(self, key: Array) -> None:
        self.key = key

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> Array:
        """The key itself."""
        return self.key


def without_entropy() -> AbstractContextManager[object]:
    """A seed that is the key itself: Philox(key=...) asks the system for entropy, for nothing."""

    def philox(seed: int, stream: str, step: int) -> np.random.Philox:
        name = int.from_bytes(hashlib.blake2b(stream.encode()).digest()[:8], "little")
        key = _Key(np.array([seed, name], dtype=np.uint64))
        return np.random.Philox(key, counter=np.array([0, step, 0, 0], dtype=np.uint64))

    return patch.object(draws, "philox", philox)
