"""A range of bytes, with a mask of the written bytes and a record of the accesses."""

from __future__ import annotations

from typing import Any

import numpy as np

from softgpu.faults import Array, ReadOnly, Uninitialised, refuse
from softgpu.races import Races


class Span:
    """`data` and `written` are flat, one entry a byte; both belong to the caller and are updated.

    phase is the offset of the first byte from an aligned address. All spans of one array share
    `races`, whose offsets count from `start`.
    """

    def __init__(
        self, data: Array, written: Array, name: str, *, writable: bool = True, phase: int = 0
    ) -> None:
        self.data, self.written, self.name = data, written, name
        self.writable, self.phase = writable, phase
        self.races: Races | None = None
        self.start = 0

    def load(self, offsets: Array, dtype: np.dtype[Any], tags: Array) -> Array:
        """Read values of a type at these offsets, which must be aligned and inside.

        Raises:
            Uninitialised: a byte was never written.
            Race: another thread writes it.
        """
        self.need_written(offsets, dtype.itemsize)
        if self.races:
            self.races.read(offsets + self.start, dtype.itemsize, tags)
        return self.peek(offsets, dtype)

    def store(self, offsets: Array, values: Array, tags: Array) -> None:
        """Write values at these offsets, which must be aligned and inside.

        Raises:
            ReadOnly: the span must not be written.
            Race: another thread reads or writes it.
        """
        size = values.dtype.itemsize
        self.need_writable()
        if self.races:
            self.races.write(offsets + self.start, size, tags)
        self.poke(offsets, values)

    def need_writable(self) -> None:
        """Raise ReadOnly unless the span may be written."""
        if not self.writable:
            raise ReadOnly(f"write to read-only {self.name}", 0)

    def need_written(self, offsets: Array, size: int) -> None:
        """Raise Uninitialised unless all bytes were written."""
        cells, places = self._cells(self.written, offsets, size)
        all_written = cells.dtype.type(int("01" * size, 16))  # a byte 01 for each byte
        bad = cells[places] != all_written
        refuse(Uninitialised, bad, f"read of bytes of {self.name} that were never written")

    def peek(self, offsets: Array, dtype: np.dtype[Any]) -> Array:
        """Read values without checks."""
        cells, places = self._cells(self.data, offsets, dtype.itemsize)
        return np.asarray(cells[places].view(dtype))

    def poke(self, offsets: Array, values: Array) -> None:
        """Write values without checks, and mark them as written."""
        size = values.dtype.itemsize
        cells, places = self._cells(self.data, offsets, size)
        cells[places] = values.view(cells.dtype)
        cells, places = self._cells(self.written, offsets, size)
        cells[places] = cells.dtype.type(int("01" * size, 16))

    def _cells(self, raw: Array, offsets: Array, size: int) -> tuple[Array, Array]:
        """The bytes as numbers of `size` bytes each, and the indices of the offsets in them."""
        skip = -self.phase % size
        whole = (raw.size - skip) // size * size
        cells = raw[skip : skip + max(whole, 0)].view(f"u{size}")
        return cells, (offsets - skip) // size
