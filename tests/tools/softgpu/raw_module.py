"""`cupy.RawModule` of the stand-in: CUDA source whose kernels run in the interpreter of PTX.

Arguments are packed as CuPy packs them, which looks at no signature: an array becomes its address,
a NumPy scalar its own bytes, a Python int or bool 8 bytes, a Python float a double, a complex two.
The kernel takes from them as many bytes as its parameter has. So a Python float goes wrong in a
`float`, here as on the device. An array is laid into memory as the view that it is, and read-only
where the source says `const`; views of one array are the same memory.
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
from softgpu.refusals import MissedByCuPy, RefusedByCuPy, Untaught

# The real CuPy, where it is installed, comes before anything stands in for it: compiling imports
# it, and a second import beside the parts of the first would not be whole.
with suppress(ImportError):
    importlib.import_module("cupy")

KERNEL = re.compile(r"__global__\s+void\s+(?:__launch_bounds__\s*\([^)]*\)\s*)?(\w+)\s*\(([^)]*)\)")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
SCALARS = {np.dtype(char).type for char in "?bhilqBHILQefdFD"}  # those that CuPy takes


class RawModule:
    """Kernels of one source, compiled when the first of them is launched."""

    def __init__(
        self, gpu: Gpu, code: str = "", options: tuple[str, ...] = (), **other: Any
    ) -> None:
        if other or not code:
            raise Untaught("a RawModule of anything but code and options")
        if not isinstance(options, tuple):
            raise RefusedByCuPy(f"Argument 'options' has incorrect type: {type(options)}")
        self.gpu, self.code, self.options = gpu, code, options

    def get_function(self, name: str) -> RawKernel:
        """A kernel by its name, which is looked for at its first launch."""
        return RawKernel(self, name)


class RawKernel:
    """One kernel: called as kernel(grid, block, args)."""

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
        """Launch it and run it to its end. Raises a Fault where it does what it must not."""
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
        # An empty grid is one block to CuPy.
        sizes = [tuple(max(1, int(size)) for size in sizes) for sizes in (grid, block)]
        machine.launch(kernel, sizes[0], sizes[1], packed, memory, shared=shared_mem)


@cache
def compiled(code: str, options: tuple[str, ...]) -> dict[str, ptx.Kernel]:
    """The kernels of a source by name."""
    with the_real_cupy():
        return ptx.parse(nvrtc.to_ptx(code, options))


@contextmanager
def the_real_cupy() -> Iterator[None]:
    """NVRTC is found by CuPy's own code: the stand-in steps aside where it has taken its place."""
    standing = sys.modules.get("cupy")
    stands_in = standing is not None and getattr(standing, "__file__", None) is None
    if stands_in:
        del sys.modules["cupy"]
    try:
        yield
    finally:
        if stands_in and standing is not None:
            sys.modules["cupy"] = standing


@cache
def constants(code: str) -> dict[str, tuple[bool, ...]]:
    """For each kernel of a source: which of its parameters point to what it must not write."""
    return {
        name: tuple(
            re.match(r"\s*const\b[^*]*\*|[^*]*\bconst\s*\*", text) is not None
            for text in parameters.split(",")
            if text.strip()
        )
        for name, parameters in KERNEL.findall(COMMENT.sub("", code))
    }


def as_bytes(x: Any, constant: bool, memory: Memory) -> bytes:
    """The bytes that CuPy hands over for an argument; an array is laid into memory."""
    if isinstance(x, Held):
        return np.uint64(address(x, constant, memory)).tobytes()
    if x is None:
        # https://github.com/cupy/cupy/issues/9046
        raise MissedByCuPy("None arrives in the kernel as the address 0xffffffff: use 0 for null")
    if type(x) in SCALARS:
        return bytes(x.tobytes())
    for kind, dtype in ((int, np.int64), (float, np.float64), (complex, np.complex128)):
        if isinstance(x, kind):
            return bytes(np.asarray(x, dtype).tobytes())
    raise RefusedByCuPy(f"Unsupported type {type(x)}")


def address(x: Held, constant: bool, memory: Memory) -> int:
    """Where an array lies in the memory of a launch."""
    x.allocation.refuse_other_device()
    if not x.host.flags.c_contiguous:
        raise MissedByCuPy("an array that is not C-contiguous: a kernel knows nothing of strides")
    start = x.allocation.offset(x.host)
    written = x.allocation.written[start : start + x.host.nbytes]
    return memory.add(x.host, writable=not constant, initialised=written)


class Parameter(Protocol):
    """Where the bytes of an argument lie among those of all."""

    @property
    def name(self) -> str: ...
    @property
    def offset(self) -> int: ...
    @property
    def size(self) -> int: ...


def pack(values: Sequence[bytes], parameters: Sequence[Parameter]) -> bytes:
    """The bytes of all arguments. Raises MissedByCuPy where a value has too few."""
    packed = bytearray(max((p.offset + p.size for p in parameters), default=0))
    for value, parameter in zip(values, parameters, strict=True):
        if len(value) < parameter.size:
            raise MissedByCuPy(
                f"{parameter.name} takes {parameter.size} bytes and gets {len(value)}: the rest "
                "is read from whatever lies behind the argument"
            )
        packed[parameter.offset : parameter.offset + parameter.size] = value[: parameter.size]
    return bytes(packed)
