"""Loads, stores and atomic operations in every memory space."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from softgpu.dtypes import DTYPES
from softgpu.faults import Array, Unsupported
from softgpu.memory import Place, need_aligned, positions_of
from softgpu.operands import Address, Operand, Register, Vector
from softgpu.ptx import Instruction, Kernel
from softgpu.rounding import flush
from softgpu.threads import Read, Step, Threads, reader, writer

SPACES = ("global", "shared", "local", "param", "const")
CACHING = {"nc", "ca", "cg", "cs", "lu", "cv", "wb", "wt", "volatile"}  # no effect on values
ORDERING = {"relaxed", "gpu", "cta", "sys"}  # each atomic operation is immediately visible
ATOMICS: dict[str, Callable[[Array, Array], Array]] = {
    "add": np.add,
    "min": np.fmin,
    "max": np.fmax,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "exch": lambda old, new: new,
}


def load(instruction: Instruction, kernel: Kernel) -> Step:
    """ld: registers = the values at an address."""
    space, kind = _space_and_type(instruction, CACHING | {"v2", "v4"})
    target, source = instruction.operands
    writes = [writer(part, kind, kernel, wider=True) for part in _parts(target)]
    address = _address(source, kernel)
    dtype = DTYPES[kind]

    def step(threads: Threads) -> None:
        addresses = address(threads)
        if space not in ("param", "const"):  # in these spaces all threads share one value
            addresses = np.broadcast_to(addresses, threads.index.shape)
        values = [np.empty(addresses.shape, dtype) for _ in writes]
        for which, span, offsets in _places(threads, space, addresses, dtype.itemsize, len(writes)):
            tags = threads.tags[threads.where][which]
            with positions_of(which):
                for k, value in enumerate(values):
                    value[which] = span.load(offsets + k * dtype.itemsize, dtype, tags)
        for write, value in zip(writes, values, strict=True):
            write(threads, value)

    return step


def store(instruction: Instruction, kernel: Kernel) -> Step:
    """st: the values at an address = registers."""
    space, kind = _space_and_type(instruction, CACHING | {"v2", "v4"})
    target, source = instruction.operands
    reads = [reader(part, kind, kernel, wider=True) for part in _parts(source)]
    address = _address(target, kernel)
    size = DTYPES[kind].itemsize

    def step(threads: Threads) -> None:
        addresses = np.broadcast_to(address(threads), threads.index.shape)
        values = [np.broadcast_to(read(threads), addresses.shape) for read in reads]
        for which, span, offsets in _places(threads, space, addresses, size, len(reads)):
            tags = threads.tags[threads.where][which]
            with positions_of(which):
                for k, value in enumerate(values):
                    span.store(offsets + k * size, value[which], tags)

    return step


def atomic(instruction: Instruction, kernel: Kernel) -> Step:
    """atom and red: change the value at an address; atom returns the old value.

    Threads with the same address execute in the order of their numbers. Float32 sums in global
    memory flush subnormal numbers to zero, as the hardware does.
    """
    operands = list(instruction.operands)
    name = next((m for m in instruction.modifiers if m in {*ATOMICS, "cas"}), "")
    space, kind = _space_and_type(instruction, ORDERING | {name})
    dtype = DTYPES[kind]
    write = writer(operands.pop(0), kind, kernel) if instruction.opcode == "atom" else None
    address = _address(operands[0], kernel)
    reads = [reader(operand, kind, kernel) for operand in operands[1:]]
    if not name or len(reads) != (2 if name == "cas" else 1):
        raise Unsupported("unknown atomic operation")
    change = _change(name, ftz=kind == "f32" and space != "shared")

    def step(threads: Threads) -> None:
        addresses = np.broadcast_to(address(threads), threads.index.shape)
        values = [np.broadcast_to(read(threads), addresses.shape) for read in reads]
        old = np.empty(addresses.shape, dtype)
        for which, span, offsets in _places(threads, space, addresses, dtype.itemsize, 1):
            tags = threads.tags[threads.where][which]
            with positions_of(which):
                span.need_writable()
                span.need_written(offsets, dtype.itemsize)
                if span.races:
                    span.races.atomic(offsets + span.start, dtype.itemsize, tags)
            here = [value[which] for value in values]
            before = np.empty(offsets.shape, dtype)
            for turn in turns(offsets):
                before[turn] = span.peek(offsets[turn], dtype)
                span.poke(offsets[turn], change(before[turn], *(value[turn] for value in here)))
            old[which] = before
        if write:
            write(threads, old)

    return step


def turns(offsets: Array) -> Iterator[Array]:
    """Split the positions into rounds without equal offsets, and keep their order."""
    order = np.argsort(offsets, kind="stable")
    first = np.append(True, np.diff(offsets[order]) != 0)
    rank = np.arange(order.size) - np.flatnonzero(first)[np.cumsum(first) - 1]
    for turn in range(int(rank.max()) + 1):
        yield order[rank == turn]


def compare_and_swap(old: Array, compared: Array, new: Array) -> Array:
    """The new value where the old value equals the expected one."""
    return np.where(old == compared, new, old)


def _change(name: str, *, ftz: bool) -> Callable[..., Array]:
    if name == "cas":
        return compare_and_swap
    change = ATOMICS[name]
    if ftz and name == "add":
        return lambda old, value: flush(np.add(flush(old), flush(value)))
    return change


def _places(
    threads: Threads, space: str, addresses: Array, size: int, count: int
) -> Iterable[Place]:
    need_aligned(addresses, size * count)
    return threads.spaces[space].places(addresses, size * count, threads.index)


def _space_and_type(instruction: Instruction, known: set[str]) -> tuple[str, str]:
    spaces = [m for m in instruction.modifiers if m in SPACES]
    types = [m for m in instruction.modifiers if m in DTYPES]
    unknown = set(instruction.modifiers) - set(SPACES) - set(DTYPES) - known
    if unknown or len(spaces) > 1 or len(types) != 1:
        raise Unsupported("unknown type of memory access")
    return (spaces[0] if spaces else "generic"), types[0]


def _parts(operand: Operand) -> tuple[Operand, ...]:
    return operand.parts if isinstance(operand, Vector) else (operand,)


def _address(operand: Operand, kernel: Kernel) -> Read:
    if not isinstance(operand, Address):
        raise Unsupported(f"not an address: {operand}")
    base, kind = operand.base, "u64"
    if isinstance(base, Register):
        kind = f"u{8 * DTYPES[kernel.registers.get(base.name, 'u64')].itemsize}"
    read = reader(base, kind, kernel)
    offset = np.uint64(operand.offset % 2**64)
    return lambda threads: read(threads).astype(np.uint64) + offset
