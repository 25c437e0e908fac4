"""A stand-in for the module `cupy`, as strict as CuPy 14 or stricter.

    cupy = CuPy()                    into sys.modules["cupy"], or into CuPyBackend(cupy, ...)
    with cupy.ledger.stretch() as seen:
        ...
    seen.launches, seen.counts       the events in the block

Names and arguments are checked with the signatures of the real CuPy, in `cupy_signatures.json`. The
stand-in raises RefusedByCuPy, a TypeError, where CuPy raises an error, MissedByCuPy where CuPy
silently gives a wrong number, and NotInStandIn for what it does not implement.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from softgpu import functions, products
from softgpu.allocation import Gpu
from softgpu.cuda import MemoryPool, cuda
from softgpu.entries import bound
from softgpu.ledger import Ledger
from softgpu.raw_module import RawModule
from softgpu.reductions import reduction
from softgpu.refusals import NotInStandIn
from softgpu.signature_table import committed
from softgpu.standin_array import REDUCTIONS, ndarray
from softgpu.ufuncs import Ufunc


class CuPy(ModuleType):
    """A new `cupy` with `devices` emulated GPUs, which have no arrays yet."""

    def __init__(self, devices: int = 1) -> None:
        super().__init__("cupy", __doc__)
        self.__version__ = committed().version
        self.gpu = Gpu(devices)
        self.gpu.cupy = self
        self.ndarray = ndarray
        self.cuda = cuda(self.gpu)
        self._pool = MemoryPool(self.gpu)

    @property
    def ledger(self) -> Ledger:
        """The ledger of all events so far."""
        return self.gpu.ledger

    def is_available(self) -> bool:
        """Whether there is at least one device."""
        return self.gpu.devices > 0

    def get_array_module(self, *args: Any) -> Any:
        """The stand-in if one of the arguments is an array of it, else NumPy."""
        return self if any(isinstance(x, ndarray) for x in args) else np

    def get_default_memory_pool(self) -> MemoryPool:
        """The memory pool of all arrays."""
        return self._pool

    def RawModule(self, *args: Any, **options: Any) -> RawModule:
        """A module of CUDA source, whose kernels run in the PTX interpreter."""
        entry = committed().functions["RawModule"]
        return RawModule(self.gpu, **bound("cupy.RawModule", entry, args, options))

    def __getattr__(self, name: str) -> Any:
        entry = committed().functions.get(name)
        if name.startswith("__") or entry is None:
            raise AttributeError(f"module 'cupy' has no attribute {name!r}")
        if entry == "numpy":
            found: Any = getattr(np, name)
        elif entry.startswith("ufunc") and isinstance(getattr(np, name, None), np.ufunc):
            found = Ufunc(self.gpu, name, entry)
        elif entry.startswith("(") and implemented(name):
            found = self._checked(name, entry, implemented(name))
        else:
            raise NotInStandIn(f"CuPy has {name}; the stand-in does not implement it")
        setattr(self, name, found)
        return found

    def _checked(self, name: str, entry: str, function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = inspect.signature(function).parameters
        known = set(parameters)
        anything = any(p.kind == p.VAR_KEYWORD for p in parameters.values())

        def checked(*args: Any, **options: Any) -> Any:
            values = bound(f"cupy.{name}", entry, args, options)
            if not anything and set(values) - known:
                raise NotInStandIn(f"cupy.{name} with {', '.join(sorted(set(values) - known))}=")
            return function(self.gpu, **values)

        return checked


def install(monkeypatch: Any, cupy: Any) -> None:
    """Put the stand-in and empty `cupy_backends` modules into sys.modules, until undone."""
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    for part in ("", ".cuda", ".cuda.libs", ".cuda.libs.cublas", ".cuda.libs.nvrtc"):
        name = f"cupy_backends{part}"
        monkeypatch.setitem(sys.modules, name, sys.modules.get(name) or ModuleType(name))


def implemented(name: str) -> Any:
    """The stand-in's function with this name, or None."""
    if name in REDUCTIONS:
        return reduction(name)
    found = getattr(products, name, None) or getattr(functions, name, None)
    own = getattr(found, "__module__", "") in (products.__name__, functions.__name__)
    return found if own and not name.startswith("_") else None
