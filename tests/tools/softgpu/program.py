"""Decode a kernel into steps: every instruction is decoded once, before the run."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from softgpu.faults import Unsupported
from softgpu.instructions import decode
from softgpu.operands import Label
from softgpu.ptx import Instruction, Kernel
from softgpu.threads import Step


@dataclass(frozen=True)
class Decoded:
    """An instruction with its step; jumps, exits, barriers and traps have no step."""

    instruction: Instruction
    step: Step | None
    name: str
    target: int = 0


@functools.cache
def decoded(kernel: Kernel) -> tuple[Decoded, ...]:
    """Every instruction of a kernel with its step.

    Raises:
        Unsupported: an instruction that the interpreter does not implement.
    """
    return tuple(_decode(instruction, kernel) for instruction in kernel.code)


def _decode(instruction: Instruction, kernel: Kernel) -> Decoded:
    name = ".".join([instruction.opcode, *instruction.modifiers])
    try:
        if instruction.guard and kernel.registers.get(instruction.guard) != "pred":
            raise Unsupported("unknown guard")
        if name in ("bra", "bra.uni"):
            (label,) = instruction.operands
            if not isinstance(label, Label) or label.name not in kernel.labels:
                raise Unsupported("unknown label")
            return Decoded(instruction, None, name, kernel.labels[label.name])
        if name in ("ret", "exit", "trap"):
            return Decoded(instruction, None, name)
        if name in ("bar.sync", "barrier.sync"):
            if len(instruction.operands) != 1 or not isinstance(instruction.operands[0], int):
                raise Unsupported("a barrier for some of the threads")
            return Decoded(instruction, None, name)
        return Decoded(instruction, decode(instruction, kernel), name)
    except Unsupported as fault:
        fault.locate(kernel.name, instruction.text, None, None)
        raise
