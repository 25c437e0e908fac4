"""Compile each kernel separately and cache it, because a fault changes only one kernel.

This replaces `softgpu.raw_module.compiled`, which compiles all kernels of a source together. Each
kernel is compiled with the constants and device functions of the source; its PTX is the same.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from softgpu import nvrtc, ptx, raw_module

KERNEL = re.compile(r'^extern "C" __global__ void (\w+)\(.*?^\}$', re.DOTALL | re.MULTILINE)


class OneByOne:
    """A mapping from names to the kernels of a source; each is compiled at its first use."""

    def __init__(self, code: str, options: tuple[str, ...]) -> None:
        self.code, self.options = code, options

    def get(self, name: str) -> ptx.Kernel | None:
        """A kernel by name, or None if the source has no such kernel."""
        alone = only(self.code, name)
        return kernels(alone, self.options).get(name) if alone else None


@cache
def only(code: str, name: str) -> str | None:
    """The source without the other kernels; None if there is no such kernel."""
    if name not in names(code):
        return None
    return KERNEL.sub(lambda kernel: kernel[0] if kernel[1] == name else "", code)


@cache
def names(code: str) -> tuple[str, ...]:
    """The names of the kernels of a source."""
    return tuple(kernel[1] for kernel in KERNEL.finditer(code))


@cache
def kernels(code: str, options: tuple[str, ...]) -> dict[str, ptx.Kernel]:
    """The compiled kernels of a source by name."""
    with raw_module.the_real_cupy():
        return ptx.parse(nvrtc.to_ptx(code, options))


def take_over(source: str, options: tuple[str, ...]) -> None:
    """Replace the compiler of the interpreter, and compile the kernels of `source`."""
    module: Any = raw_module
    module.compiled = OneByOne
    for name in names(source):
        OneByOne(source, options).get(name)


def same(source: str, other: str, options: tuple[str, ...]) -> bool:
    """Whether two sources have the same PTX in every kernel.

    Raises CompileError if one does not compile.
    """
    return all(
        nvrtc.to_ptx(str(only(source, name)), options)
        == nvrtc.to_ptx(str(only(other, name)), options)
        for name in names(source)
    )
