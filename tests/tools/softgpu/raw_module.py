"""`cupy.RawModule` of the stand-in: kernels of CUDA source, run by the PTX interpreter.

Arguments are packed as CuPy packs them, without regard to the kernel's signature. An array becomes
its address, a NumPy scalar its own bytes, a Python int or bool 8 bytes, a Python float one double,
and a complex number two doubles. The kernel reads as many of these bytes as its parameter has. So a
Python float for a `float` parameter gives a wrong number, here as on a device. An array is added to
memory as the view that it is, read-only if the source says `const`. Views of one array share their
memory.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, Protocol

import numpy as np

from softgpu import machine, nvrtc, ptx
from softgpu.allocation import Gpu
from softgpu.held import Held
from softgpu.memory import Memory
from softgpu.refusals import MissedByCuPy, NotInStandIn, RefusedByCuPy

# Import the real CuPy, if it is installed, before the stand-in replaces it. Compilation needs it,
# and a second import would mix with the modules of the first one.
with suppress(ImportError):
    importlib.import_module("cupy")

KERNEL = re.compile(r"__global__\s+void\s+(?:__launch_bounds__\s*\([^)]*\)\s*)?(\w+)\s*\(([^)]*)\)")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
SCALARS = {np.dtype(char).type for char in "?bhilqBHILQefdFD"}  # accepted by CuPy


class RawModule:
    """The kernels of one source, which are compiled at the first launch."""

    def __init__(
        self, gpu: Gpu, code: str = "", options: tuple[str, ...] = (), **other: Any
    ) -> None:
        if other or not code:
            raise NotInStandIn("a RawModule of anything but code and options")
        if not isinstance(options, tuple):
            raise RefusedByCuPy(f"Argument 'options' has incorrect type: {type(options)}")
        self.gpu, self.code, self.options = gpu, code, options

    def get_function(self, name: str) -> RawKernel:
        """A kernel by name; a wrong name raises an error at the first launch."""
        return RawKernel(self, name)


class RawKernel:
    """One kernel, called as kernel(grid, block, args)."""

    def __init__(self, module: RawModule, name: str) -> None:
        self.module, self.name = module, name

    def __call__(
        self,
        grid: tuple[int, ...],
        block: tuple[int, ...],
        args: Sequence[Any],
        *,
        shared_mem: int = 0,
        stream: Any = None,
    ) -> None:
        """Launch the kernel and run it to its end. Raises Fault for an error of the kernel."""
        if not isinstance(grid, tuple) or not isinstance(block, tuple):
            raise RefusedByCuPy("grid and block must be tuples")
        kernel = compiled(self.module.code, self.module.options).get(self.name)
        if kernel is None:
            raise RefusedByCuPy(f"CUDA_ERROR_NOT_FOUND: named symbol not found: {self.name}")
        memory = Memory()
        constant = constants(self.module.code)[self.name]
        if not len(args) == len(constant) == len(kernel.parameters):
            raise MissedByCuPy(
                f"{len(args)} arguments for {len(constant)} parameters of {self.name}"
            )
        values = [as_bytes(x, c, memory) for x, c in zip(args, constant, strict=True)]
        packed = pack(values, kernel.parameters)
        self.module.gpu.ledger.note("launch", self.name)
        # CuPy runs an empty grid as one block.
        sizes = [tuple(max(1, int(size)) for size in sizes) for sizes in (grid, block)]
        machine.launch(kernel, sizes[0], sizes[1], packed, memory, shared=shared_mem)


@cache
def compiled(code: str, options: tuple[str, ...]) -> dict[str, ptx.Kernel]:
    """The kernels of a source by name."""
    with the_real_cupy():
        return ptx.parse(nvrtc.to_ptx(code, options))


@contextmanager
def the_real_cupy() -> Iterator[None]:
    """Restore the real CuPy in sys.modules for a while, because its code loads NVRTC."""
    module = sys.modules.get("cupy")
    is_stand_in = module is not None and getattr(module, "__file__", None) is None
    if is_stand_in:
        del sys.modules["cupy"]
    try:
        yield
    finally:
        if is_stand_in and module is not None:
            sys.modules["cupy"] = module


@cache
def constants(code: str) -> dict[str, tuple[bool, ...]]:
    """For each kernel of a source: which of its parameters are pointers to const."""
    return {
        name: tuple(
            re.match(r"\s*const\b[^*]*\*|[^*]*\bconst\s*\*", text) is not None
            for text in parameters.split(",")
            if text.strip()
        )
        for name, parameters in KERNEL.findall(COMMENT.sub("", code))
    }


def as_bytes(x: Any, constant: bool, memory: Memory) -> bytes:
    """The bytes that CuPy passes for an argument; an array is added to memory."""
    if isinstance(x, Held):
        return np.uint64(address(x, constant, memory)).tobytes()
    if x is None:
        # https://github.com/cupy/cupy/issues/9046
        raise MissedByCuPy("the kernel gets None as the address 0xffffffff: use 0 for null")
    if type(x) in SCALARS:
        return bytes(x.tobytes())
    for kind, dtype in ((int, np.int64), (float, np.float64), (complex, np.complex128)):
        if isinstance(x, kind):
            return bytes(np.asarray(x, dtype).tobytes())
    raise RefusedByCuPy(f"Unsupported type {type(x)}")


def address(x: Held, constant: bool, memory: Memory) -> int:
    """The address of an array in the memory of a launch."""
    x.allocation.refuse_other_device()
    if not x.host.flags.c_contiguous:
        raise MissedByCuPy("an array that is not C-contiguous: a kernel gets no strides")
    start = x.allocation.offset(x.host)
    written = x.allocation.written[start : start + x.host.nbytes]
    return memory.add(x.host, writable=not constant, initialised=written)


class Parameter(Protocol):
    """The offset and size of an argument among the bytes of all arguments."""

    @property
    def name(self) -> str: ...
    @property
    def offset(self) -> int: ...
    @property
    def size(self) -> int: ...


def pack(values: Sequence[bytes], parameters: Sequence[Parameter]) -> bytes:
    """The bytes of all arguments. Raises MissedByCuPy if a value has too few bytes."""
    packed = bytearray(max((p.offset + p.size for p in parameters), default=0))
    for value, parameter in zip(values, parameters, strict=True):
        if len(value) < parameter.size:
            raise MissedByCuPy(
                f"{parameter.name} takes {parameter.size} bytes and gets {len(value)}: the rest "
                "is read from the memory behind the argument"
            )
        packed[parameter.offset : parameter.offset + parameter.size] = value[: parameter.size]
    return bytes(packed)
