"""Compile CUDA source with NVRTC, without a device: to PTX, or to counts of registers and spills.

CuPy adds the same options to those of a RawModule: the architecture, and last `-ftz=true`.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import import_module

ENTRY = re.compile(r"Compiling entry function '(\w+)'(.*?)(?=Compiling entry function|\Z)", re.S)


class CompileError(Exception):
    """NVRTC cannot compile the source; the message is its log."""


@dataclass(frozen=True)
class Usage:
    """Resources of a kernel: registers and bytes for each thread; `shared` bytes for each block."""

    registers: int
    spill_stores: int
    spill_loads: int
    stack: int
    shared: int


def compile_cuda(source: str, options: tuple[str, ...], arch: str) -> tuple[bytes, str]:
    """Compile to PTX (arch compute_90) or machine code (sm_90); returns it and the log.

    Raises:
        CompileError: the source does not compile.
    """
    nvrtc = import_module("cupy_backends.cuda.libs.nvrtc")  # an optional dependency

    added = (f"-arch={arch}", "--device-as-default-execution-space", "-ftz=true")
    program = nvrtc.createProgram(source, "kernels.cu", (), ())
    try:
        try:
            nvrtc.compileProgram(program, (*options, *added))
        except nvrtc.NVRTCError:
            raise CompileError(nvrtc.getProgramLog(program)) from None
        get = nvrtc.getCUBIN if arch.startswith("sm_") else nvrtc.getPTX
        return get(program), nvrtc.getProgramLog(program)
    finally:
        nvrtc.destroyProgram(program)


@functools.cache
def to_ptx(source: str, options: tuple[str, ...] = ()) -> str:
    """The PTX text of a source.

    Raises:
        CompileError: the source does not compile.
    """
    code, _ = compile_cuda(source, options, "compute_90")
    return code.rstrip(b"\0").decode()


@functools.cache
def usage(source: str, options: tuple[str, ...] = (), arch: str = "sm_90") -> dict[str, Usage]:
    """kernel -> its resources, from the log of a compilation to machine code.

    Raises:
        CompileError: the source does not compile.
    """
    _, log = compile_cuda(source, (*options, "--ptxas-options=-v"), arch)
    return parse_usage(log)


def parse_usage(log: str) -> dict[str, Usage]:
    """kernel -> its resources, parsed from the compiler's log."""
    return {name: _usage(text) for name, text in ENTRY.findall(log)}


def _usage(text: str) -> Usage:
    def number(pattern: str) -> int:
        found = re.search(pattern, text)
        return int(found[1]) if found else 0

    registers = re.search(r"Used (\d+) registers", text)
    if not registers:
        raise CompileError(f"the compiler's log has no count of registers: {text}")
    return Usage(
        int(registers[1]),
        number(r"(\d+) bytes spill stores"),
        number(r"(\d+) bytes spill loads"),
        number(r"(\d+) bytes stack frame"),
        number(r"(\d+) bytes smem"),
    )
