"""Arrays in device memory: every access is checked as a read or a write."""

from __future__ import annotations

from typing import Any

import numpy as np

from softgpu.allocation import Allocation, Gpu, Host
from softgpu.refusals import MissedByCuPy, RefusedByCuPy


class Held:
    """A view of an allocation. The NumPy array in it is internal to the stand-in."""

    def __init__(self, allocation: Allocation, host: Host, *, owner: bool = False) -> None:
        self.allocation, self.host, self.owner = allocation, host, owner

    @classmethod
    def empty(cls, gpu: Gpu, shape: Any, dtype: Any = float, order: str = "C") -> Any:
        """New, uninitialised memory."""
        kind = np.dtype(dtype)
        if kind.kind not in "biufc":
            raise RefusedByCuPy(f"Unsupported dtype {kind}")
        if order not in ("C", "F"):
            raise RefusedByCuPy(f"order not understood: {order!r}")
        shape = np.broadcast_shapes(shape)  # a number or a sequence of numbers
        allocation = Allocation(gpu, kind, int(np.prod(shape, dtype=np.int64)) * kind.itemsize)
        memory = allocation.bytes if allocation.bytes.size else np.empty(kind.itemsize, np.uint8)
        host: Host = np.ndarray(shape, kind, memory, order="F" if order == "F" else "C")
        return cls(allocation, host, owner=True)

    @classmethod
    def holding(cls, gpu: Gpu, numbers: Any) -> Any:
        """New memory with these numbers, in Fortran order if they are."""
        given = np.asarray(numbers)
        fortran = given.flags.f_contiguous and not given.flags.c_contiguous
        made = cls.empty(gpu, given.shape, given.dtype, "F" if fortran else "C")
        made.written()[...] = given
        return made

    @property
    def gpu(self) -> Gpu:
        """The stand-in that the array belongs to."""
        return self.allocation.gpu

    @property
    def cupy(self) -> Any:
        """The module of this stand-in."""
        return self.gpu.cupy

    def read(self, *, anywhere: bool = False) -> Host:
        """The numbers, for reading. With `anywhere`, the device is not checked.

        Raises MissedByCuPy if some bytes were never written.
        """
        if not anywhere:
            self.allocation.refuse_other_device()
        self.allocation.refuse_unwritten(self.host)
        return self.host

    def written(self) -> Host:
        """The memory, for writing; all of it is marked as written."""
        self.allocation.refuse_other_device()
        self.allocation.mark(self.host)
        return self.host

    def read_at(self, at: tuple[Any, ...]) -> Host:
        """A copy of the elements at a fancy index; only these must have been written."""
        self.allocation.refuse_other_device()
        if not self.allocation.mask(self.host)[at].all():
            raise MissedByCuPy("an element that is taken was never written")
        return np.asarray(self.host[at])

    def written_at(self, at: tuple[Any, ...]) -> Host:
        """The memory, for writing at a fancy index; these elements are marked as written."""
        self.allocation.refuse_other_device()
        self.allocation.mask(self.host)[at] = True
        return self.host

    def view_of(self, host: Host) -> Any:
        """A view of the same memory, without a launch or an allocation."""
        return type(self)(self.allocation, host)

    def fetched(self, why: str) -> Host:
        """A copy on the host; the host waits for it."""
        copy = np.array(self.read(anywhere=True))
        self.gpu.ledger.note("to_host", why, copy.nbytes)
        self.gpu.ledger.note("synchronisation", why)
        return copy


def read_operand(x: Any) -> Any:
    """The numbers of an operand, a device array or a scalar. Raises RefusedByCuPy for others."""
    if isinstance(x, Held):
        return x.read()
    if isinstance(x, bool | int | float | complex | np.generic):
        return x
    raise RefusedByCuPy(f"Unsupported type {type(x)}")


def need_held(x: Any, what: str) -> Held:
    """x itself, if it is a device array. Raises RefusedByCuPy for other types."""
    if not isinstance(x, Held):
        raise RefusedByCuPy(f"{what} must be a cupy.ndarray, not {type(x)}")
    return x
