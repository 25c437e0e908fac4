"""The stand-in for the module `cupy`: as strict as CuPy 14, and a little stricter.

    cupy = CuPy()                    into sys.modules["cupy"], or into CuPyBackend(cupy, ...)
    with cupy.ledger.stretch() as seen:
        ...
    seen.launches, seen.counts       what happened meanwhile

Which names there are and what they take is judged by the signatures of the real CuPy, in
`cupy_signatures.json`. What CuPy refuses is RefusedByCuPy, a TypeError; what it lets pass with a
wrong number is MissedByCuPy; what it can do and the stand-in cannot yet is Untaught.
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
from softgpu.refusals import Untaught
from softgpu.signature_table import committed
from softgpu.standin_array import REDUCTIONS, ndarray
from softgpu.ufuncs import Ufunc


class CuPy(ModuleType):
    """A fresh `cupy` with `devices` pretended GPUs, and nothing on them."""

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
        """What everything has cost so far."""
        return self.gpu.ledger

    def is_available(self) -> bool:
        """Whether there is a device."""
        return self.gpu.devices > 0

    def get_array_module(self, *args: Any) -> Any:
        """The stand-in where one of the arguments is an array of it, else NumPy."""
        return self if any(isinstance(x, ndarray) for x in args) else np

    def get_default_memory_pool(self) -> MemoryPool:
        """The pool that all arrays come from."""
        return self._pool

    def RawModule(self, *args: Any, **options: Any) -> RawModule:
        """CUDA source; its kernels run in the interpreter of PTX."""
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
        elif entry.startswith("(") and taught(name):
            found = self._judged(name, entry, taught(name))
        else:
            raise Untaught(f"CuPy has {name}; the stand-in has not learnt it yet")
        setattr(self, name, found)
        return found

    def _judged(self, name: str, entry: str, function: Callable[..., Any]) -> Callable[..., Any]:
        parameters = inspect.signature(function).parameters
        known = set(parameters)
        anything = any(p.kind == p.VAR_KEYWORD for p in parameters.values())

        def judged(*args: Any, **options: Any) -> Any:
            given = bound(f"cupy.{name}", entry, args, options)
            if not anything and set(given) - known:
                raise Untaught(f"cupy.{name} with {', '.join(sorted(set(given) - known))}=")
            return function(self.gpu, **given)

        return judged


def install(monkeypatch: Any, cupy: Any) -> None:
    """Let `import cupy` find it, and the libraries that a whole wheel brings, until undone."""
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    for part in ("", ".cuda", ".cuda.libs", ".cuda.libs.cublas", ".cuda.libs.nvrtc"):
        name = f"cupy_backends{part}"
        monkeypatch.setitem(sys.modules, name, sys.modules.get(name) or ModuleType(name))


def taught(name: str) -> Any:
    """The stand-in's own function of this name, or None."""
    if name in REDUCTIONS:
        return reduction(name)
    found = getattr(products, name, None) or getattr(functions, name, None)
    own = getattr(found, "__module__", "") in (products.__name__, functions.__name__)
    return found if own and not name.startswith("_") else None
