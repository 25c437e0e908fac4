"""Device memory with a mask of the bytes that were written.

A GPU does not initialise memory. Here a new allocation is filled with NaN (floating-point types) or
with bytes 0xAB (other types), and has a mask of the bytes that were written. All views of an
allocation share the mask, so every read of a byte that was never written raises an error.
"""

from __future__ import annotations

import math
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from softgpu.ledger import Ledger
from softgpu.refusals import MissedByCuPy, RefusedByCuPy

POISON = 0xAB
ROUNDED_TO = 512  # bytes: CuPy's memory pool rounds sizes up to a multiple
FIRST_ADDRESS = 0x7F00_0000_0000
Host = NDArray[Any]


class Gpu:
    """The state that all arrays of one stand-in share: the ledger, the pool, the current device.

    `cupy` is the stand-in's module, whose functions implement the operators of the arrays.
    """

    def __init__(self, devices: int) -> None:
        self.ledger = Ledger()
        self.devices = devices
        self.current = 0
        self.cupy: Any = None
        self.used = self.held = 0  # bytes of live arrays; bytes that the pool holds
        self.stream: Any = None
        self._next_address = FIRST_ADDRESS

    def reserve(self, size: int) -> int:
        """The address of `size` new bytes; addresses are never used again."""
        address = self._next_address
        self._next_address += max(size, ROUNDED_TO)
        self.used += size
        self.held = max(self.held, self.used)
        return address

    def release(self, size: int) -> None:
        """Return `size` bytes to the pool."""
        self.used -= size

    def launch(self, name: str, *arrays: Host) -> None:
        """Record a launch, unless all its arrays are empty: then CuPy launches nothing."""
        if any(a.size for a in arrays):
            self.ledger.note("launch", name)


class Allocation:
    """The memory of an array and its views, on the device that is current at its creation."""

    def __init__(self, gpu: Gpu, dtype: np.dtype[Any], size: int) -> None:
        self.gpu, self.device = gpu, gpu.current
        self.bytes = np.full(size, POISON, np.uint8)
        if dtype.kind in "fc":
            self.bytes.view(dtype)[...] = np.nan
        self.written = np.zeros(size, bool)
        rounded = math.ceil(size / ROUNDED_TO) * ROUNDED_TO
        self.address = gpu.reserve(rounded)
        if size:  # an empty array needs no allocation
            gpu.ledger.note("allocation", f"{size} bytes of {dtype}", size)
        weakref.finalize(self, gpu.release, rounded).atexit = False

    def offset(self, view: Host) -> int:
        """The offset of a view's first element from the start of the allocation, in bytes."""
        return int(address_of(view) - address_of(self.bytes)) if view.size else 0

    def mask(self, view: Host) -> NDArray[np.bool_]:
        """The mask of a view's written bytes: shape (*view.shape, itemsize), shared memory."""
        return np.ndarray(
            (*view.shape, view.itemsize),
            np.bool_,
            self.written if view.size else np.empty(0, bool),
            self.offset(view),
            (*view.strides, 1),
        )

    def mark(self, view: Host) -> None:
        """Mark all bytes of a view as written."""
        self.mask(view)[...] = True

    def refuse_unwritten(self, view: Host) -> None:
        """Raise MissedByCuPy if a byte of a view was never written."""
        unwritten = ~self.mask(view)
        if unwritten.any():
            first = tuple(int(i) for i in np.argwhere(unwritten.any(axis=-1))[0])
            raise MissedByCuPy(
                f"element {first} of an array of shape {view.shape} is read before it was written"
            )

    def refuse_other_device(self) -> None:
        """Raise RefusedByCuPy if another device is current."""
        if self.device != self.gpu.current:
            raise RefusedByCuPy(
                "Array device must be same as the current device: "
                f"array device = {self.device} while current = {self.gpu.current}"
            )


def address_of(host: Host) -> int:
    """The address of the first element in host memory."""
    return int(host.__array_interface__["data"][0])


def bounds(host: Host) -> tuple[int, int]:
    """The addresses of a view's first byte and of the byte after its last, in host memory."""
    low, high = np.lib.array_utils.byte_bounds(host)
    return int(low), int(high)


def may_overlap(a: Host, b: Host) -> bool:
    """Whether the address ranges of two views overlap, as in CuPy; interleaved views do."""
    if not a.size or not b.size:
        return False
    (a_low, a_high), (b_low, b_high) = bounds(a), bounds(b)
    return a_low < b_high and b_low < a_high
