"""The threads of one launch, with their registers and the set of active threads.

All threads of the grid have consecutive numbers, block after block, x fastest. A register is an
array of unsigned bits with one entry for each thread. Every instruction runs for all active
threads at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from softgpu.dtypes import DTYPES, storage
from softgpu.faults import Array, Unsupported
from softgpu.memory import Space
from softgpu.operands import Operand, Register, Symbol
from softgpu.ptx import Kernel

WARP = 32
GARBAGE = 0xA5A5_A5A5_A5A5_A5A5  # the value of a register that was never written
SPECIAL = re.compile(r"%(laneid|n?(tid|ctaid)\.[xyz])$")
AXES = {"x": 0, "y": 1, "z": 2}


class Registers(dict[str, Array]):
    """The registers of a kernel; each is created at its first use."""

    def __init__(self, kernel: Kernel, threads: int) -> None:
        super().__init__()
        self.kinds, self.threads = kernel.registers, threads

    def __missing__(self, name: str) -> Array:
        kind = self.kinds[name]
        self[name] = np.full(self.threads, GARBAGE & _ones(kind), storage(kind))
        return self[name]


class Threads:
    """grid x block threads with the registers of a kernel; `index` has the active threads."""

    def __init__(
        self,
        kernel: Kernel,
        grid: tuple[int, ...],
        block: tuple[int, ...],
        spaces: Callable[[Threads], dict[str, Space]],
    ) -> None:
        self.grid, self.block = ((*size, 1, 1)[:3] for size in (grid, block))
        self.blocks, self.per_block = int(np.prod(self.grid)), int(np.prod(self.block))
        self.all = np.arange(self.blocks * self.per_block)
        self.block_of, self.number = np.divmod(self.all, self.per_block)
        self.warp_lane = self.number % WARP
        self.left = np.zeros(self.all.size, bool)
        self.tags = self.block_of * (self.per_block + 1) + self.number  # epoch 0; see races.py
        self.registers = Registers(kernel, self.all.size)
        self.specials: dict[str, Array] = {}
        self.spaces = spaces(self)
        self.select(self.all)

    def select(self, index: Array) -> None:
        """Set the active threads; the numbers are sorted."""
        self.index = index
        self.where: slice | Array = index  # a slice is faster, if they are consecutive
        if index[-1] - index[0] == index.size - 1:
            self.where = slice(index[0], index[-1] + 1)

    def pass_barrier(self, index: Array) -> None:
        """Start the next epoch of these threads; see races.py."""
        self.tags[index] += self.blocks * (self.per_block + 1)

    def special(self, name: str) -> Array:
        """%laneid, or %tid, %ntid, %ctaid or %nctaid with an axis, for all threads."""
        if name not in self.specials:
            self.specials[name] = self._special(*name.split("."))
        return self.specials[name]

    def _special(self, word: str, axis: str = "x") -> Array:
        if word == "%laneid":
            return self.warp_lane.astype(np.uint32)
        sizes = self.block if word in ("%tid", "%ntid") else self.grid
        size, stride = sizes[AXES[axis]], int(np.prod(sizes[: AXES[axis]]))
        if word in ("%ntid", "%nctaid"):
            return np.full(self.all.size, size, np.uint32)
        numbers = self.number if word == "%tid" else self.block_of
        return np.asarray(numbers // stride % size).astype(np.uint32)


Read = Callable[[Threads], Array]
Write = Callable[[Threads, Array], None]
Step = Callable[[Threads], None]  # runs one instruction for the active threads


def _ones(kind: str) -> int:
    return 0 if kind == "pred" else (1 << 8 * DTYPES[kind].itemsize) - 1


def _fits(held: np.dtype[Any], dtype: np.dtype[Any], wider: bool) -> bool:
    both_or_neither = (held.kind == "b") == (dtype.kind == "b")
    extra = held.itemsize - dtype.itemsize
    return both_or_neither and (extra == 0 or (wider and extra > 0))


def reader(operand: Operand, kind: str, kernel: Kernel, *, wider: bool = False) -> Read:
    """A function that reads an operand of the active threads as values of a type.

    If the register is wider, only its lower bits are read. A constant has one entry, for all
    threads.

    Raises:
        Unsupported: an operand that has no value, or a register of another width.
    """
    dtype, bits = DTYPES[kind], storage(kind)
    if isinstance(operand, Symbol):
        operand = kernel.address(operand.name)
    if isinstance(operand, int):
        constant = np.array([operand & max(_ones(kind), 1)], np.uint64).astype(bits).view(dtype)
        return lambda threads: constant
    if not isinstance(operand, Register):
        raise Unsupported(f"unknown operand {operand}")
    name = operand.name
    if name not in kernel.registers:
        if not SPECIAL.match(name):
            raise Unsupported(f"unknown register {name}")
        return lambda threads: threads.special(name)[threads.where].astype(bits).view(dtype)
    held = storage(kernel.registers[name])
    if not _fits(held, bits, wider):
        raise Unsupported(f"{name} of type {kernel.registers[name]} read as {kind}")
    if operand.negated:
        return lambda threads: ~threads.registers[name][threads.where]
    if held == bits:
        return lambda threads: threads.registers[name][threads.where].view(dtype)
    return lambda threads: threads.registers[name][threads.where].astype(bits).view(dtype)


def writer(operand: Operand, kind: str, kernel: Kernel, *, wider: bool = False) -> Write:
    """A function that writes values of a type into a register of the active threads.

    If the register is wider, it is filled with zeros or, for a signed type, with the sign.

    Raises:
        Unsupported: the operand is no register, or has another width.
    """
    if not isinstance(operand, Register) or operand.name not in kernel.registers:
        raise Unsupported(f"cannot write to {operand}")
    name, dtype = operand.name, DTYPES[kind]
    held = storage(kernel.registers[name])
    if not _fits(held, dtype, wider):
        raise Unsupported(f"{name} of type {kernel.registers[name]} written as {kind}")
    if held.itemsize == dtype.itemsize:

        def write(threads: Threads, values: Array) -> None:
            threads.registers[name][threads.where] = values.view(held)

    else:

        def write(threads: Threads, values: Array) -> None:
            threads.registers[name][threads.where] = values.astype(held)

    return write
