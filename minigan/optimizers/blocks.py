"""Blocks of a vector that stay in the cache of a CPU during all operations of an update.

So each vector is read from memory once, even where the whole vector does not fit into the cache. On
a GPU the whole vector is one block. Blocks do not change the operations on any number, so the
result has the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minigan.arrays import Array, array_module

BLOCK = 1 << 15  # numbers; four blocks (theta, g, v and eta g) take half a megabyte in float32


def blocks(vector: Array) -> Iterator[slice]:
    """The slices of the blocks of a vector (size,), in order."""
    size = BLOCK if array_module(vector) is np else max(1, len(vector))
    for start in range(0, len(vector), size):
        yield slice(start, start + size)
