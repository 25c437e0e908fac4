"""Ablations of memory: fewer buffers for a pass, and one block of memory for all buffers."""

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
HUGE = 1 << 24  # numbers: NumPy requests huge pages for arrays of 4 MB and more


def overwriting_layers() -> AbstractContextManager[object]:
    """ReLU overwrites x with y; ReLU, sigmoid and dropout overwrite dy with dx.

    It applies to games created in the context. It is correct if the first layer is not a ReLU, but
    the trace then does not contain the outputs of the linear layers.
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
    """All float32 arrays are parts of one block of huge pages; each starts at a cache line."""
    block = np.zeros(HUGE + LINE, np.float32)
    used = -(block.ctypes.data // 4) % LINE
    numpy_empty = np.empty

    def empty(shape: Any, dtype: Any = float, **options: Any) -> Array:
        nonlocal used
        size = int(np.prod(shape))
        if np.dtype(dtype) != np.float32 or used + size > len(block):
            return numpy_empty(shape, dtype, **options)
        start, used = used, used + -(-size // LINE) * LINE
        return block[start : start + size].reshape(shape)

    return patch.multiple(np, empty=empty, empty_like=lambda x: empty(x.shape, x.dtype))
