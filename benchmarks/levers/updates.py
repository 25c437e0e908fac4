"""Levers of the update: how long its blocks are, and who works on them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from unittest.mock import patch

import numpy as np

from minigan import finite, optimizers
from minigan.arrays import Array
from minigan.parameters import Parameters

BLOCK = 1 << 16


def in_blocks_of(numbers: int) -> AbstractContextManager[object]:
    """Blocks of another length; one longer than theta is the whole of it."""
    return patch.object(optimizers, "BLOCK", numbers)


def without_the_guard() -> AbstractContextManager[object]:
    """What g . g costs, which tells before the update whether the gradient is finite."""
    return patch.object(finite, "gradient", lambda player, g: g)


def by_two_threads(helper: ThreadPoolExecutor) -> AbstractContextManager[object]:
    """Blocks for whoever is free: this thread, or that of the helper."""

    def descend(theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
        taken = _shared(range(0, len(v), BLOCK))

        def work() -> None:
            eta_g = np.empty_like(v[:BLOCK])
            for start in iter(taken, None):
                block = slice(start, start + BLOCK)
                v_b, theta_b, g_b = v[block], theta.vector[block], g.vector[block]
                np.multiply(g_b, eta, out=eta_g[: len(g_b)])
                v_b *= mu
                v_b -= eta_g[: len(g_b)]
                theta_b += v_b

        beside = helper.submit(work)
        work()
        if not beside.cancel():
            beside.result()
        theta.changed()

    return patch.object(optimizers, "descend", descend)


def _shared(numbers: range) -> Callable[[], int | None]:
    """The next number, for any thread; None after the last."""
    left: Iterator[int] = iter(numbers)
    lock = threading.Lock()

    def take() -> int | None:
        with lock:
            return next(left, None)

    return take
