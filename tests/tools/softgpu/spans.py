"""A stretch of bytes that knows which of them were written, and who touched them."""

from __future__ import annotations

from typing import Any

import numpy as np

from softgpu.faults import Array, ReadOnly, Uninitialised, refuse
from softgpu.races import Races


class Span:
    """`data` and `written` are flat, one entry a byte; both belong to the caller and are updated.

    phase is where the first byte lies relative to an aligned address, and `races`, shared by all
    spans of one array, counts its offsets from `start`.
    """

    def __init__(
        self, data: Array, written: Array, name: str, *, writable: bool = True, phase: int = 0
    ) -> None:
        self.data, self.written, self.name = data, written, name
        self.writable, self.phase = writable, phase
        self.races: Races | None = None
        self.start = 0

    def load(self, offsets: Array, dtype: np.dtype[Any], tags: Array) -> Array:
        """The values of that type at these offsets, aligned and inside, read by these threads.

        Raises:
            Uninitialised: a byte was never written.
            Race: another thread writes it.
        """
        self.need_written(offsets, dtype.itemsize)
        if self.races:
            self.races.read(offsets + self.start, dtype.itemsize, tags)
        return self.peek(offsets, dtype)

    def store(self, offsets: Array, values: Array, tags: Array) -> None:
        """Write values at these offsets, aligned and inside.

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
        all_written = cells.dtype.type(int("01" * size, 16))  # one byte 01 for each of the bytes
        bad = cells[places] != all_written
        refuse(Uninitialised, bad, f"read of bytes of {self.name} that were never written")

    def peek(self, offsets: Array, dtype: np.dtype[Any]) -> Array:
        """The values, unchecked."""
        cells, places = self._cells(self.data, offsets, dtype.itemsize)
        return np.asarray(cells[places].view(dtype))

    def poke(self, offsets: Array, values: Array) -> None:
        """Write values and remember that they were written, unchecked."""
        size = values.dtype.itemsize
        cells, places = self._cells(self.data, offsets, size)
        cells[places] = values.view(cells.dtype)
        cells, places = self._cells(self.written, offsets, size)
        cells[places] = cells.dtype.type(int("01" * size, 16))

    def _cells(self, raw: Array, offsets: Array, size: int) -> tuple[Array, Array]:
        """The bytes as numbers of `size` bytes each, and which of them the offsets are."""
        skip = -self.phase % size
        whole = (raw.size - skip) // size * size
        cells = raw[skip : skip + max(whole, 0)].view(f"u{size}")
        return cells, (offsets - skip) // size
