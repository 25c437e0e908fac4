"""Decode each instruction into a step, a function that runs it for the active threads."""

from __future__ import annotations

import numpy as np

from softgpu import rounding
from softgpu.access import atomic, load, store
from softgpu.convert import conversion
from softgpu.dtypes import DTYPES
from softgpu.faults import Unsupported
from softgpu.operands import Vector
from softgpu.operations import COMPARE, LOGIC, UNSIGNED_COMPARE, comparison, look_up
from softgpu.ptx import Instruction, Kernel
from softgpu.shuffle import shuffle
from softgpu.threads import Step, Threads, reader, writer


def decode(instruction: Instruction, kernel: Kernel) -> Step:
    """The step of an instruction, without its guard; jumps are decoded elsewhere.

    Raises:
        Unsupported: the interpreter does not implement it, or not in this form.
    """
    special = {
        "ld": load,
        "ldu": load,
        "st": store,
        "atom": atomic,
        "red": atomic,
        "shfl": shuffle,
        "setp": _set_predicate,
        "slct": _select_by_sign,
        "cvt": _convert,
    }
    try:
        if instruction.opcode in special:
            return special[instruction.opcode](instruction, kernel)
        if instruction.opcode == "mov" and any(isinstance(o, Vector) for o in instruction.operands):
            return _pack(instruction, kernel)
        return _calculate(instruction, kernel)
    except ValueError as error:
        raise Unsupported(f"unknown operands: {error}") from None


def _calculate(instruction: Instruction, kernel: Kernel) -> Step:
    """d = function(a, b, ...); ftz flushes subnormal numbers, sat clamps the result to [0, 1]."""
    *words, kind = instruction.modifiers or ("",)
    if kind not in DTYPES:
        raise Unsupported("unknown instruction")
    ftz, sat = "ftz" in words, "sat" in words
    name = ".".join([instruction.opcode, *(w for w in words if w not in ("ftz", "sat", "rn"))])
    operation = look_up(name, kind)
    floating = kind[0] == "f"
    if (ftz and kind != "f32") or (not floating and {"sat", "rn"} & set(words)):
        raise Unsupported("unknown instruction")
    target, *sources = instruction.operands
    wide = "pred" if kind == "pred" else f"{kind[0]}{2 * int(kind[1:])}"
    types = {"t": kind, "u": "u32", "p": "pred", "w": wide}
    reads = [
        reader(source, types[letter], kernel)
        for source, letter in zip(sources, operation.sources, strict=True)
    ]
    write = writer(target, types[operation.result], kernel)
    function = operation.function

    def step(threads: Threads) -> None:
        values = [read(threads) for read in reads]
        if ftz:
            values = [rounding.flush(value) for value in values]
        result = function(*values)
        if sat:
            result = rounding.saturate(result)
        write(threads, rounding.flush(result) if ftz else result)

    return step


def _set_predicate(instruction: Instruction, kernel: Kernel) -> Step:
    """setp: p = a compared with b, optionally combined with another predicate."""
    *words, kind = instruction.modifiers
    ftz = "ftz" in words
    name, *join = [word for word in words if word != "ftz"]
    name = UNSIGNED_COMPARE.get(name, name) if kind[0] == "u" else name
    known = set(COMPARE)
    if kind[0] == "f":
        known |= {*(f"{n}u" for n in COMPARE), "num", "nan"}
    if name not in known or len(join) > 1 or not set(join) <= set(LOGIC) or kind not in DTYPES:
        raise Unsupported("unknown comparison")
    compare = comparison(name)
    target, *sources = instruction.operands
    kinds = (kind, kind, "pred") if join else (kind, kind)
    a, b, *rest = (reader(s, k, kernel) for s, k in zip(sources, kinds, strict=True))
    write = writer(target, "pred", kernel)

    def step(threads: Threads) -> None:
        x, y = a(threads), b(threads)
        result = compare(rounding.flush(x), rounding.flush(y)) if ftz else compare(x, y)
        write(threads, LOGIC[join[0]](result, rest[0](threads)) if join else result)

    return step


def _select_by_sign(instruction: Instruction, kernel: Kernel) -> Step:
    """slct: a where c >= 0, else b; -0 counts as >= 0, and NaN as negative."""
    *words, kind, sign = instruction.modifiers
    if set(words) - {"ftz"} or kind not in DTYPES or sign not in ("s32", "f32"):
        raise Unsupported("unknown selection")
    target, *sources = instruction.operands
    a, b, c = (reader(s, k, kernel) for s, k in zip(sources, (kind, kind, sign), strict=True))
    write = writer(target, kind, kernel)
    ftz = "ftz" in words

    def step(threads: Threads) -> None:
        deciding = rounding.flush(c(threads)) if ftz else c(threads)
        write(threads, np.where(deciding >= 0, a(threads), b(threads)))

    return step


def _convert(instruction: Instruction, kernel: Kernel) -> Step:
    """cvt: d = a converted to another type."""
    convert, to, source = conversion(instruction.modifiers)
    target, operand = instruction.operands
    read = reader(operand, source, kernel, wider=True)
    write = writer(target, to, kernel, wider=True)
    return lambda threads: write(threads, convert(read(threads)))


def _pack(instruction: Instruction, kernel: Kernel) -> Step:
    """mov with a vector: pack {a, b} into one register, lowest bits first, or unpack it."""
    (kind,) = instruction.modifiers
    target, source = instruction.operands
    if isinstance(source, Vector):
        part = f"b{8 * DTYPES[kind].itemsize // len(source.parts)}"
        reads = [reader(p, part, kernel) for p in source.parts]
        write = writer(target, kind, kernel)

        def pack(threads: Threads) -> None:
            parts = [np.broadcast_to(read(threads), threads.index.shape) for read in reads]
            write(threads, np.stack(parts, axis=-1).view(f"u{DTYPES[kind].itemsize}")[:, 0])

        return pack
    if not isinstance(target, Vector):
        raise Unsupported("unknown vector")
    part = f"b{8 * DTYPES[kind].itemsize // len(target.parts)}"
    read = reader(source, kind, kernel)
    writes = [writer(p, part, kernel) for p in target.parts]

    def unpack(threads: Threads) -> None:
        whole = np.ascontiguousarray(np.broadcast_to(read(threads), threads.index.shape))
        parts = whole[:, None].view(f"u{DTYPES[part].itemsize}")
        for k, write in enumerate(writes):
            write(threads, parts[:, k])

    return unpack
