"""A pass works on a few images at a time, and every chunk of them uses the same scratch memory.

    chunks = Chunks(xp, m, size)             size: the bytes that an image takes in scratch memory
    for rows in chunks:                      slices of the m images
        a = chunks.array(shape, dtype)       an array in that memory, for this chunk

A chunk takes at most `patches.SCRATCH` bytes, and on a GPU `patches.SCRATCH_OF_DEVICE`. If an image
takes more, each chunk has one image. As in patches.py, the memory is that of a finished pass: the
system takes longer to provide new memory than a pass takes to write to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.layers import patches


class Chunks:
    """Slices of m images, of which each takes `size` bytes of scratch memory."""

    def __init__(self, xp: Any, m: int, size: int) -> None:
        self.xp, self.m, self.size = xp, m, size
        scratch = patches.SCRATCH if xp is np else patches.SCRATCH_OF_DEVICE
        self.images = max(1, min(m, scratch // size))

    def __iter__(self) -> Iterator[slice]:
        if self.xp is np:
            self.memory = patches.take(self.images * self.size)
        for start in range(0, self.m, self.images):
            self.used = 0
            yield slice(start, start + self.images)
        if self.xp is np:
            patches.keep(self.memory)

    def array(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """An array of any numbers. The next chunk overwrites it."""
        new: Array
        if self.xp is np:
            start, self.used = self.used, self.used + prod(shape) * np.dtype(dtype).itemsize
            new = self.memory[start : self.used].view(dtype).reshape(shape)
        else:  # CuPy keeps memory itself
            new = self.xp.empty(shape, dtype=dtype)
        return new
