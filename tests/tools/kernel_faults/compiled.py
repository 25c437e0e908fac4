"""Kernels compiled one by one: of a source with one fault, all but one kernel are known already.

It stands in for `softgpu.raw_module.compiled`, which compiles all kernels of a source at once.
A kernel is compiled with everything that is no kernel in front of it, and gives the same PTX.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from softgpu import nvrtc, ptx, raw_module

KERNEL = re.compile(r'^extern "C" __global__ void (\w+)\(.*?^\}$', re.DOTALL | re.MULTILINE)


class OneByOne:
    """The kernels of a source by name, each compiled when it is asked for."""

    def __init__(self, code: str, options: tuple[str, ...]) -> None:
        self.code, self.options = code, options

    def get(self, name: str) -> ptx.Kernel | None:
        """A kernel, or None where the source has none of that name."""
        alone = only(self.code, name)
        return kernels(alone, self.options).get(name) if alone else None


@cache
def only(code: str, name: str) -> str | None:
    """The source without the other kernels; None where there is no such kernel."""
    if name not in names(code):
        return None
    return KERNEL.sub(lambda kernel: kernel[0] if kernel[1] == name else "", code)


@cache
def names(code: str) -> tuple[str, ...]:
    """The kernels of a source."""
    return tuple(kernel[1] for kernel in KERNEL.finditer(code))


@cache
def kernels(code: str, options: tuple[str, ...]) -> dict[str, ptx.Kernel]:
    """What is compiled of a source."""
    with raw_module.the_real_cupy():
        return ptx.parse(nvrtc.to_ptx(code, options))


def take_over(source: str, options: tuple[str, ...]) -> None:
    """Compile the kernels of the source without a fault, and compile one by one from now on."""
    module: Any = raw_module
    module.compiled = OneByOne
    for name in names(source):
        OneByOne(source, options).get(name)


def same(source: str, other: str, options: tuple[str, ...]) -> bool:
    """Whether two sources have the same PTX in every kernel.

    Raises CompileError where one does not compile.
    """
    return all(
        nvrtc.to_ptx(str(only(source, name)), options)
        == nvrtc.to_ptx(str(only(other, name)), options)
        for name in names(source)
    )
