"""Small kernels in PTX or CUDA, and functions that run them, for the tests of the machine."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from softgpu import nvrtc, ptx
from softgpu.dtypes import DTYPES
from softgpu.faults import Array
from softgpu.machine import Counts, launch
from softgpu.memory import Memory
from softgpu.ptx import Kernel

Size = tuple[int, ...]
FORMATS = {"u64": "Q", "s64": "q", "u32": "I", "s32": "i", "f32": "f"}
REGISTERS = """
    .reg .pred %p<9>; .reg .b16 %rs<9>; .reg .b32 %r<20>; .reg .b64 %rd<20>;
    .reg .f32 %f<20>; .reg .f64 %fd<9>;
"""
# %r0 is the number of the thread in the grid; %rd1, %rd2, ... are the pointers p1, p2, ...
POINTERS = """
    mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x; mov.u32 %r3, %tid.x;
    mad.lo.s32 %r0, %r1, %r2, %r3;
"""


class Unwritten:
    """An array that a kernel must write before it reads it."""

    def __init__(self, array: Array) -> None:
        self.array = array


class Constant:
    """An array that a kernel must not write."""

    def __init__(self, array: Array) -> None:
        self.array = array


def kernel_of(body: str, pointers: int) -> Kernel:
    """A kernel `test` with this number of pointer arguments and this body."""
    arguments = ", ".join(f".param .u64 p{k + 1}" for k in range(pointers))
    loads = "".join(f"ld.param.u64 %rd{k + 1}, [p{k + 1}];\n" for k in range(pointers))
    return ptx.parse(
        f".visible .entry test({arguments})\n{{{REGISTERS}{POINTERS}{loads}{body}\n}}"
    )["test"]


def run_ptx(body: str, *arrays: Any, grid: Size = (1,), block: Size = (1,), **how: int) -> Counts:
    """Run a body of PTX on arrays."""
    return run(kernel_of(body, len(arrays)), grid, block, *arrays, **how)


def run_cuda(name: str, source: str, grid: Size, block: Size, *arguments: Any) -> Counts:
    """Run a kernel of a CUDA source."""
    text = nvrtc.to_ptx(source, ("--fmad=false", "-std=c++17"))
    return run(ptx.parse(text)[name], grid, block, *arguments)


def run(kernel: Kernel, grid: Size, block: Size, *arguments: Any, **how: int) -> Counts:
    """Run a kernel on arrays and numbers."""
    memory, packed = Memory(), b""
    for parameter, argument in zip(kernel.parameters, arguments, strict=True):
        packed = packed.ljust(parameter.offset, b"\0")
        packed += struct.pack("<" + FORMATS[parameter.type], _value(argument, memory))
    return launch(kernel, grid, block, packed, memory, **how)


def _value(argument: Any, memory: Memory) -> Any:
    if isinstance(argument, Unwritten):
        return memory.add(argument.array, initialised=False)
    if isinstance(argument, Constant):
        return memory.add(argument.array, writable=False)
    return memory.add(argument) if isinstance(argument, np.ndarray) else argument


def calculate(instruction: str, result: str, *inputs: Array) -> Array:
    """The results of one instruction, with operands d, a, b, c, e, on every row of the inputs.

    `result` is a PTX type; the inputs' types are those of the arrays, pred for bool.
    """
    letters = {"f4": "%f", "f8": "%fd", "2": "%rs", "4": "%r", "8": "%rd"}
    body, names = "", {}
    for k, (name, values) in enumerate(zip("abce", inputs, strict=False)):
        size = values.dtype.itemsize
        kind = f"f{8 * size}" if values.dtype.kind == "f" else f"u{8 * size}"
        register = letters.get(values.dtype.str[1:], letters.get(str(size), "%r")) + str(10 + k)
        if size == 2:
            register = f"%rs{1 + k}"
        if kind == "f64":
            register = f"%fd{1 + k}"
        body += (
            f"mad.wide.s32 %rd9, %r0, {size}, %rd{k + 2}; ld.global.{kind} {register}, [%rd9];\n"
        )
        names[name] = register
        if values.dtype == bool:
            body += f"setp.ne.u32 %p{1 + k}, {register}, 0;\n"
            names[name] = f"%p{1 + k}"
    dtype = DTYPES[result]
    size = dtype.itemsize
    target = {"f32": "%f9", "f64": "%fd8", "pred": "%p8"}.get(result)
    names["d"] = target or {1: "%rs8", 2: "%rs8", 4: "%r9", 8: "%rd8"}[size]
    words = instruction.split(" ", 1)
    operands = ", ".join(names.get(w.strip(), w.strip()) for w in words[1].split(","))
    body += f"{words[0]} {operands};\n"
    stored = names["d"]
    if result == "pred":
        body += "selp.u32 %r9, 1, 0, %p8;\n"
        stored = "%r9"
    kind = "u8" if size == 1 else result if result[0] == "f" else f"u{8 * size}"
    body += f"mad.wide.s32 %rd9, %r0, {size}, %rd1; st.global.{kind} [%rd9], {stored}; ret;"
    d = np.empty(inputs[0].size, dtype)
    run_ptx(body, Unwritten(d), *inputs, grid=(inputs[0].size,))
    return d
