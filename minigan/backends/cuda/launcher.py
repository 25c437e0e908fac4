"""Launches of CUDA kernels with checked arguments.

CuPy does not check the arguments of a kernel. A Python float arrives in a `float` as the lower half
of a double, a missing argument is read from unrelated memory, and a transposed view is read as if
it were contiguous. So each launch is compared with the signature in the CUDA source, where a
comment after each array contains its size:

    float* a /* m*u */, const u8* mask /* m*u or null */, float scale, int m, int u
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from minigan.arrays import Array

OPTIONS = ("--fmad=false", "-std=c++17")  # no fused multiply-add: + and * round as in NumPy
THREADS_OF_A_BLOCK = 256

Argument: TypeAlias = Array | int | float | None

_KERNEL = re.compile(r'extern "C" __global__ void (\w+)\((.*?)\)\n?\{', re.DOTALL)
_ARRAY = re.compile(r"(const )?(\w+)\* (\w+) /\* (\S+)( or null)? \*/")
_NUMBER = re.compile(r"(int|u64|float) (\w+)")
_DTYPES: Mapping[str, tuple[np.dtype[Any], ...]] = {
    "float": (np.dtype(np.float32),),
    "int": (np.dtype(np.int32),),
    "u64": (np.dtype(np.uint64),),
    "u8": (np.dtype(np.uint8), np.dtype(np.bool_)),
}
_SCALARS = {"int": np.int32, "u64": np.uint64, "float": np.float32}
_RANGES = {
    "int": (-(2**31), 2**31 - 1),
    "u64": (0, 2**64 - 1),
    "float": (float(np.finfo(np.float32).min), float(np.finfo(np.float32).max)),
}


@dataclass(frozen=True)
class Number:
    """A parameter that is one number of a C type: int, u64 or float."""

    type: str
    name: str


@dataclass(frozen=True)
class Pointer:
    """A parameter that is an array.

    size        its number of elements, an expression in the kernel's int parameters
    optional    whether a null pointer is allowed
    """

    type: str
    name: str
    size: str
    optional: bool

    @cached_property
    def factors(self) -> tuple[tuple[str | int, ...], ...]:
        """`size` as a product of sums: ((2,), ("m",)) for 2*m, (("layers", 1),) for layers+1.

        It is parsed once, because every launch uses it.
        """
        return tuple(
            tuple(int(term) if term.isdigit() else term for term in factor.split("+"))
            for factor in self.size.split("*")
        )


Parameter: TypeAlias = Number | Pointer


def signatures(source: str) -> dict[str, tuple[Parameter, ...]]:
    """The parameters of each kernel in CUDA source. Raises ValueError for an unknown form."""
    return {
        name: tuple(_parameter(name, text.strip()) for text in text.split(","))
        for name, text in _KERNEL.findall(source)
    }


def constants(source: str) -> dict[str, int]:
    """The constants `const int NAME = NUMBER;` of CUDA source."""
    return {name: int(n) for name, n in re.findall(r"const int (\w+) = (\d+);", source)}


def checked_arguments(
    kernel: str, parameters: Sequence[Parameter], arguments: Sequence[Argument], xp: Any
) -> tuple[Any, ...]:
    """The arguments as CuPy must pass them: arrays, NumPy scalars, 0 for a null pointer.

    Raises TypeError for a wrong number of arguments, a wrong kind or a wrong dtype. Raises
    ValueError for a wrong size, an array that is not contiguous, or a number out of range.
    """
    if len(arguments) != len(parameters):
        raise TypeError(f"{kernel} takes {len(parameters)} arguments, not {len(arguments)}")
    pairs = list(zip(parameters, arguments, strict=True))
    numbers = {p.name: _number(kernel, p, a) for p, a in pairs if isinstance(p, Number)}
    return tuple(
        numbers[p.name] if isinstance(p, Number) else _pointer(kernel, p, a, numbers, xp)
        for p, a in pairs
    )


class Launcher:
    """The kernels of CUDA source; CuPy compiles them at the first launch."""

    def __init__(self, cupy: Any, source: str) -> None:
        self._xp = cupy
        self._module = cupy.RawModule(code=source, options=OPTIONS)
        self._signatures = signatures(source)
        self._kernels: dict[str, Any] = {}
        self._constants = constants(source)

    def each(self, kernel: str, count: int, *arguments: Argument) -> None:
        """Launch with one thread for each of `count` numbers."""
        blocks = _ceil(count, THREADS_OF_A_BLOCK)
        self._launch(kernel, (blocks,), (THREADS_OF_A_BLOCK,), arguments)

    def rows(self, kernel: str, count: int, *arguments: Argument) -> None:
        """Launch with LANES threads for each of `count` rows."""
        self.each(kernel, count * self._constants["LANES"], *arguments)

    def columns(self, kernel: str, count: int, *arguments: Argument) -> None:
        """Launch with ROWS threads for each of `count` columns, STRIP columns per block."""
        strip, rows = self._constants["STRIP"], self._constants["ROWS"]
        self._launch(kernel, (_ceil(count, strip),), (strip, rows), arguments)

    def together(self, kernel: str, *arguments: Argument) -> None:
        """Launch with one block of THREADS threads."""
        self._launch(kernel, (1,), (self._constants["THREADS"],), arguments)

    def _launch(
        self,
        kernel: str,
        grid: tuple[int, ...],
        block: tuple[int, ...],
        arguments: Sequence[Argument],
    ) -> None:
        checked = checked_arguments(kernel, self._signatures[kernel], arguments, self._xp)
        if 0 in grid:
            return  # nothing to do, and CUDA does not accept an empty grid
        if kernel not in self._kernels:
            self._kernels[kernel] = self._module.get_function(kernel)
        self._kernels[kernel](grid, block, checked)


def _ceil(count: int, size: int) -> int:
    return -(-count // size)


def _parameter(kernel: str, text: str) -> Parameter:
    if array := _ARRAY.fullmatch(text):
        return Pointer(array[2], array[3], array[4], optional=bool(array[5]))
    if number := _NUMBER.fullmatch(text):
        return Number(number[1], number[2])
    raise ValueError(f"the parameter {text!r} of {kernel} has a form that cannot be checked")


def _number(kernel: str, parameter: Number, value: Argument) -> Any:
    kinds = (int, float) if parameter.type == "float" else (int,)
    if not isinstance(value, kinds) or isinstance(value, bool):
        raise TypeError(f"{kernel}: {parameter.name} must be a number ({parameter.type})")
    low, high = _RANGES[parameter.type]
    if not low <= value <= high:
        raise ValueError(f"{kernel}: {parameter.name} = {value} does not fit {parameter.type}")
    scalar: Any = _SCALARS[parameter.type]
    return scalar(value)


def _pointer(
    kernel: str, parameter: Pointer, array: Argument, numbers: Mapping[str, Any], xp: Any
) -> Any:
    name = f"{kernel}: {parameter.name}"
    if array is None and parameter.optional:
        return np.uint64(0)
    if not isinstance(array, xp.ndarray):
        raise TypeError(f"{name} must be an array of the device, not {type(array).__name__}")
    if array.dtype not in _DTYPES[parameter.type]:
        raise TypeError(f"{name} must be {_DTYPES[parameter.type][0]}, not {array.dtype}")
    if not array.flags.c_contiguous:
        raise ValueError(f"{name} is not contiguous, and the kernel does not support strides")
    size = math.prod(
        sum(term if isinstance(term, int) else int(numbers[term]) for term in factor)
        for factor in parameter.factors
    )
    if array.size != size:
        raise ValueError(f"{name} has {array.size} numbers where {parameter.size} = {size}")
    return array
