"""Levers of memory: fewer buffers for a pass, and one block of memory for all of them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

import numpy as np

from minigan.arrays import Array
from minigan.layers import Dropout, ReLU, Sigmoid
from minigan.network import Network
from minigan.trace import LayerTrace, Trace

LINE = 16  # float32 numbers in a cache line
HUGE = 1 << 24  # numbers: far beyond the 4 MB from which NumPy asks for huge pages


def written_over() -> AbstractContextManager[object]:
    """ReLU writes y over x; ReLU, sigmoid and dropout write dx over dy. For a game made meanwhile.

    Right for every network whose input is not that of a ReLU; but the trace no longer shows what
    a linear layer put out.
    """

    def trace(
        self: Network,
        m: int,
        dtype: Any = np.float32,
        xp: Any = np,
        y: Array | None = None,
    ) -> Trace:
        layers, widths = self.layers, self.widths
        ys = [xp.empty((m, n), dtype=dtype) for n in widths[1:]]
        if y is not None:
            ys[-1] = y
        dxs = [xp.empty((m, n), dtype=dtype) for n in widths[:-1]]
        for i in reversed(range(1, len(layers))):
            if isinstance(layers[i], ReLU):
                ys[i - 1] = ys[i]
        for i in reversed(range(len(layers) - 1)):
            if isinstance(layers[i], ReLU | Sigmoid | Dropout):
                dxs[i] = dxs[i + 1]
        xs = [xp.empty((m, widths[0]), dtype=dtype), *ys[:-1]]
        return Trace([LayerTrace(*buffers) for buffers in zip(xs, ys, dxs, strict=True)])

    return patch.object(Network, "trace", trace)


def in_one_block() -> AbstractContextManager[object]:
    """All arrays of float32 from one block of huge pages, each at the start of a cache line."""
    block = np.zeros(HUGE + LINE, np.float32)
    used = -(block.ctypes.data // 4) % LINE
    elsewhere = np.empty

    def empty(shape: Any, dtype: Any = float, **options: Any) -> Array:
        nonlocal used
        size = int(np.prod(shape))
        if np.dtype(dtype) != np.float32 or used + size > len(block):
            return elsewhere(shape, dtype, **options)
        start, used = used, used + -(-size // LINE) * LINE
        return block[start : start + size].reshape(shape)

    return patch.multiple(np, empty=empty, empty_like=lambda x: empty(x.shape, x.dtype))
