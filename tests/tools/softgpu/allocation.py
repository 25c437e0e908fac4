"""Device memory: bytes that know whether they were ever written.

A GPU hands out memory as it is. Here it comes poisoned, NaN in floating-point arrays and 0xAB in
all others, and each allocation has a mask of the bytes that were written. All views of an
allocation share it, so that reading what was never written is an error wherever it happens.
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
ROUNDED_TO = 512  # bytes: the grain of CuPy's memory pool
FIRST_ADDRESS = 0x7F00_0000_0000
Host = NDArray[Any]


class Gpu:
    """What all arrays of one stand-in share: the ledger, the pool, the device in use.

    `cupy` is the stand-in's module, to which the arrays turn for their operators.
    """

    def __init__(self, devices: int) -> None:
        self.ledger = Ledger()
        self.devices = devices
        self.current = 0
        self.cupy: Any = None
        self.used = self.held = 0  # bytes of live arrays; bytes that the pool keeps from the system
        self.stream: Any = None
        self._next_address = FIRST_ADDRESS

    def reserve(self, size: int) -> int:
        """The address of `size` fresh bytes: no two live or dead allocations share one."""
        address = self._next_address
        self._next_address += max(size, ROUNDED_TO)
        self.used += size
        self.held = max(self.held, self.used)
        return address

    def release(self, size: int) -> None:
        """Give `size` bytes back to the pool."""
        self.used -= size

    def launch(self, name: str, *arrays: Host) -> None:
        """Note a launch, unless all that it works on is empty: then CuPy launches nothing."""
        if any(a.size for a in arrays):
            self.ledger.note("launch", name)


class Allocation:
    """The memory of an array and of its views, on the device that is current when it is made."""

    def __init__(self, gpu: Gpu, dtype: np.dtype[Any], size: int) -> None:
        self.gpu, self.device = gpu, gpu.current
        self.bytes = np.full(size, POISON, np.uint8)
        if dtype.kind in "fc":
            self.bytes.view(dtype)[...] = np.nan
        self.written = np.zeros(size, bool)
        rounded = math.ceil(size / ROUNDED_TO) * ROUNDED_TO
        self.address = gpu.reserve(rounded)
        if size:  # nothing is asked of the pool for an empty array
            gpu.ledger.note("allocation", f"{size} bytes of {dtype}", size)
        weakref.finalize(self, gpu.release, rounded).atexit = False

    def offset(self, view: Host) -> int:
        """Where the first element of a view lies, in bytes from the start."""
        return int(address_of(view) - address_of(self.bytes)) if view.size else 0

    def mask(self, view: Host) -> NDArray[np.bool_]:
        """Which bytes of a view were written: shape (*view.shape, itemsize), shared."""
        return np.ndarray(
            (*view.shape, view.itemsize),
            np.bool_,
            self.written if view.size else np.empty(0, bool),
            self.offset(view),
            (*view.strides, 1),
        )

    def mark(self, view: Host) -> None:
        """Say that a view has been written."""
        self.mask(view)[...] = True

    def refuse_unwritten(self, view: Host) -> None:
        """Raise MissedByCuPy where a byte of a view was never written."""
        unwritten = ~self.mask(view)
        if unwritten.any():
            first = tuple(int(i) for i in np.argwhere(unwritten.any(axis=-1))[0])
            raise MissedByCuPy(
                f"element {first} of an array of shape {view.shape} is read before it was written"
            )

    def refuse_other_device(self) -> None:
        """Raise RefusedByCuPy where another device is current."""
        if self.device != self.gpu.current:
            raise RefusedByCuPy(
                "Array device must be same as the current device: "
                f"array device = {self.device} while current = {self.gpu.current}"
            )


def address_of(host: Host) -> int:
    """Where the first element lies in host memory."""
    return int(host.__array_interface__["data"][0])


def bounds(host: Host) -> tuple[int, int]:
    """The first byte of a view and the one after its last, in host memory."""
    low, high = np.lib.array_utils.byte_bounds(host)
    return int(low), int(high)


def may_overlap(a: Host, b: Host) -> bool:
    """Whether the ranges of two views meet: CuPy's question, which columns side by side answer."""
    if not a.size or not b.size:
        return False
    (a_low, a_high), (b_low, b_high) = bounds(a), bounds(b)
    return a_low < b_high and b_low < a_high
