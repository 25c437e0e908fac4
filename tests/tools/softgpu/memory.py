"""Global memory: a table of arrays with their addresses.

Every array has its own address region, far from the others, so an index that is wrong by less than
2^35 bytes is outside of all arrays and raises an error. Addresses are aligned as on a device: a new
array to 256 bytes, and a view by its offset in the array.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

import numpy as np

from softgpu.faults import Array, Fault, Misaligned, OutOfBounds
from softgpu.races import Races
from softgpu.spans import Span

FIRST, REGION = 0x7000_0000_0000, 1 << 36
Selection = slice | Array


class Place(NamedTuple):
    """The target of some of the accesses: which accesses, the span, and their offsets in it."""

    which: Selection
    span: Span
    offsets: Array


class Space(Protocol):
    """A memory space, which maps an address to a span and an offset."""

    def places(self, addresses: Array, size: int, threads: Array) -> Iterable[Place]:
        """The places of accesses of `size` bytes each by these threads.

        Raises:
            OutOfBounds: an address that belongs to no span.
        """


@contextmanager
def positions_of(which: Selection) -> Iterator[None]:
    """Convert the position of a fault among the chosen threads to one among all threads."""
    try:
        yield
    except Fault as fault:
        if fault.position is not None and not isinstance(which, slice):
            fault.position = int(which[fault.position])
        raise


def need_aligned(addresses: Array, size: int) -> None:
    """Raise Misaligned unless all addresses are multiples of the size."""
    bad = addresses % np.uint64(size) != 0
    if bad.any():
        at = int(np.argmax(bad))
        raise Misaligned(f"{size}-byte access at {int(addresses[at]):#x}, not a multiple", at)


class Memory:
    """The arrays that kernels can access; a kernel writes directly into the arrays."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.roots: list[tuple[int, int]] = []  # (first byte, bytes) of the array that owns a span

    def add(self, array: Array, *, writable: bool = True, initialised: bool | Array = True) -> int:
        """Add a C-contiguous array, or a view of one, to the memory; returns its address.

        initialised may be an array with one bool for each byte, which stores update.

        Raises:
            ValueError: the array is not C-contiguous, or the mask does not fit it.
        """
        if not array.flags.c_contiguous:
            raise ValueError("only a C-contiguous array has an address; copy it first")
        if isinstance(initialised, bool):
            written = np.full(array.nbytes, initialised)
        else:
            written = initialised
            if written.shape != (array.nbytes,) or not written.flags.c_contiguous:
                raise ValueError(
                    f"the mask must be flat with one entry for each of {array.nbytes} bytes"
                )
            if written.dtype not in (np.bool_, np.uint8):
                raise ValueError(f"the mask must be of bool or uint8, not {written.dtype}")
        low, size = _root(array)
        number, start = len(self.spans), array.ctypes.data - low
        name = f"array {number} ({array.dtype} of shape {array.shape})"
        span = Span(
            array.reshape(-1).view(np.uint8),
            written.view(np.uint8),
            name,
            writable=writable and array.flags.writeable,
            phase=start % 256,
        )
        span.start = start
        self.spans.append(span)
        self.roots.append((low, size))
        return FIRST + number * REGION + REGION // 2 + start % 256

    def begin(self, blocks: int, threads: int) -> None:
        """Clear the records of accesses: a launch runs after all earlier launches."""
        races = {root: Races(root[1], blocks, threads) for root in set(self.roots)}
        for span, root in zip(self.spans, self.roots, strict=True):
            span.races = races[root]

    def places(self, addresses: Array, size: int, threads: Array) -> Iterator[Place]:
        """The places of accesses of `size` bytes each.

        Raises:
            OutOfBounds: an address outside of its array, or of every array.
        """
        numbers = (addresses - np.uint64(FIRST)).view(np.int64) // REGION
        for number in _distinct(numbers):
            same = numbers == number
            which: Selection = slice(None) if same.all() else np.flatnonzero(same)
            here = addresses[which]
            first = int(np.argmax(same))
            if not 0 <= number < len(self.spans):
                raise OutOfBounds(f"address {int(here[0]):#x} is in no array", first)
            span = self.spans[number]
            base = FIRST + number * REGION + REGION // 2 + span.phase
            yield inside(span, which, here.astype(np.int64) - base, size)


def inside(span: Span, which: Selection, offsets: Array, size: int) -> Place:
    """The place at these offsets of a span.

    Raises:
        OutOfBounds: an access that is not completely inside.
    """
    bad = (offsets < 0) | (offsets > span.data.size - size)
    if bad.any():
        at = int(np.argmax(bad))
        what = f"{size} bytes at offset {offsets[at]} of {span.name}, which has {span.data.size}"
        raise OutOfBounds(what, at if isinstance(which, slice) else int(which[at]))
    return Place(which, span, offsets)


def _distinct(numbers: Array) -> list[int]:
    if numbers.size and (numbers == numbers[0]).all():
        return [int(numbers[0])]
    return [int(number) for number in np.unique(numbers)]


def _root(array: Array) -> tuple[int, int]:
    """The address and size of the array that owns the memory of a view."""
    root: Any = array
    while isinstance(root.base, np.ndarray):
        root = root.base
    low, high = np.lib.array_utils.byte_bounds(root)
    return low, high - low
