"""Ablations of the update: the length of its blocks, and two threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from unittest.mock import patch

import numpy as np

from minigan.arrays import Array
from minigan.finite import FiniteCheck
from minigan.optimizers import blocks, momentum
from minigan.parameters import Parameters

BLOCK = 1 << 16


def blocks_of(numbers: int) -> AbstractContextManager[object]:
    """Blocks of another length; with a length above that of theta there is one block."""
    return patch.object(blocks, "BLOCK", numbers)


def without_finite_check() -> AbstractContextManager[object]:
    """No check of the gradient for NaN and infinity, which computes g . g before each update."""
    return patch.object(FiniteCheck, "gradient", lambda self, player, g: g)


def two_threads(helper: ThreadPoolExecutor) -> AbstractContextManager[object]:
    """Two threads, this one and that of the helper, share the blocks of the update."""

    def descend(theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
        next_start = _shared(range(0, len(v), BLOCK))

        def work() -> None:
            eta_g = np.empty_like(v[:BLOCK])
            for start in iter(next_start, None):
                block = slice(start, start + BLOCK)
                v_b, theta_b, g_b = v[block], theta.vector[block], g.vector[block]
                np.multiply(g_b, eta, out=eta_g[: len(g_b)])
                v_b *= mu
                v_b -= eta_g[: len(g_b)]
                theta_b += v_b

        second = helper.submit(work)
        work()
        if not second.cancel():
            second.result()
        theta.changed()

    return patch.object(momentum, "descend", descend)


def _shared(numbers: range) -> Callable[[], int | None]:
    """A function that returns the next number in any thread, and None after the last."""
    remaining: Iterator[int] = iter(numbers)
    lock = threading.Lock()

    def take() -> int | None:
        with lock:
            return next(remaining, None)

    return take
