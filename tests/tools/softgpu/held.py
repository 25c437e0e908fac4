"""Numbers held in device memory: every look at them is a read or a write that is checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from softgpu.allocation import Allocation, Gpu, Host
from softgpu.refusals import MissedByCuPy, RefusedByCuPy


class Held:
    """A view of an allocation, as a NumPy array that only the stand-in's own code sees."""

    def __init__(self, allocation: Allocation, host: Host, *, owner: bool = False) -> None:
        self.allocation, self.host, self.owner = allocation, host, owner

    @classmethod
    def empty(cls, gpu: Gpu, shape: Any, dtype: Any = float, order: str = "C") -> Any:
        """Fresh memory, poisoned."""
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
        """Fresh memory with these numbers; Fortran-ordered where they are."""
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
        """Its module."""
        return self.gpu.cupy

    def read(self, *, anywhere: bool = False) -> Host:
        """The numbers, to be read; `anywhere` where no kernel of the current device does it.

        Raises MissedByCuPy where some were never written.
        """
        if not anywhere:
            self.allocation.refuse_other_device()
        self.allocation.refuse_unwritten(self.host)
        return self.host

    def written(self) -> Host:
        """The memory, to be written, all of it: it counts as written from now on."""
        self.allocation.refuse_other_device()
        self.allocation.mark(self.host)
        return self.host

    def read_at(self, at: tuple[Any, ...]) -> Host:
        """A copy of the elements at a fancy index; only they must have been written."""
        self.allocation.refuse_other_device()
        if not self.allocation.mask(self.host)[at].all():
            raise MissedByCuPy("an element that is taken was never written")
        return np.asarray(self.host[at])

    def written_at(self, at: tuple[Any, ...]) -> Host:
        """The memory, to be written at a fancy index, which counts as written from now on."""
        self.allocation.refuse_other_device()
        self.allocation.mask(self.host)[at] = True
        return self.host

    def view_of(self, host: Host) -> Any:
        """A view of the same memory: it costs nothing."""
        return type(self)(self.allocation, host)

    def fetched(self, why: str) -> Host:
        """A copy on the host, for which the host waits."""
        copy = np.array(self.read(anywhere=True))
        self.gpu.ledger.note("to_host", why, copy.nbytes)
        self.gpu.ledger.note("synchronisation", why)
        return copy


def read_operand(x: Any) -> Any:
    """The numbers of an operand: an array of the device or a scalar. Refuses everything else."""
    if isinstance(x, Held):
        return x.read()
    if isinstance(x, bool | int | float | complex | np.generic):
        return x
    raise RefusedByCuPy(f"Unsupported type {type(x)}")


def need_held(x: Any, what: str) -> Held:
    """x itself, an array of the device. Refuses everything else."""
    if not isinstance(x, Held):
        raise RefusedByCuPy(f"{what} must be a cupy.ndarray, not {type(x)}")
    return x
