"""The machine that runs kernels: all threads of the grid together, the earliest instruction first.

Threads at the same instruction form a group. The group at the earliest instruction runs until it
branches or reaches the instruction of another group, which it joins. So threads that diverge run
together again where their paths join. A barrier holds a group until all threads of its blocks have
reached it. Not modelled are time, the order of warps on a device, and weak memory ordering, which
only matters if there is a race.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from softgpu.faults import Array, BadArguments, BadBarrier, Endless, Fault, Trap
from softgpu.memory import Memory
from softgpu.program import Decoded, decoded
from softgpu.ptx import Instruction, Kernel
from softgpu.spaces import spaces
from softgpu.threads import Threads

STEPS = 200_000  # a kernel that takes more steps raises Endless
GRID, BLOCK, SHARED = (2**31 - 1, 65_535, 65_535), (1024, 1024, 64), 48 * 1024


@dataclass
class Counts:
    """Counts of a launch: thread-instructions by name, and steps of whole groups."""

    instructions: Counter[str] = field(default_factory=Counter)
    steps: int = 0


def launch(
    kernel: Kernel,
    grid: tuple[int, ...],
    block: tuple[int, ...],
    arguments: bytes,
    memory: Memory,
    *,
    shared: int = 0,
    steps: int = STEPS,
) -> Counts:
    """Run a kernel to its end; `shared` is the size of an unsized shared array, in bytes.

    Raises:
        BadArguments: the grid, block, arguments or shared bytes do not fit the kernel.
        Fault: an error of the kernel, with kernel, instruction, block and thread.
    """
    fault = _bad_launch(kernel, grid, block, arguments, shared)
    if fault:
        raise fault
    return Machine(kernel, grid, block, arguments, memory, shared, steps).run()


class Machine:
    """One launch: its threads, grouped by their next instruction."""

    def __init__(
        self,
        kernel: Kernel,
        grid: tuple[int, ...],
        block: tuple[int, ...],
        arguments: bytes,
        memory: Memory,
        shared: int,
        steps: int,
    ) -> None:
        self.kernel, self.limit, self.counts = kernel, steps, Counts()
        self.program = decoded(kernel)
        self.threads = Threads(
            kernel, grid, block, lambda threads: spaces(kernel, threads, arguments, memory, shared)
        )
        memory.begin(self.threads.blocks, self.threads.per_block)
        self.ready: dict[int, Array] = {0: self.threads.all}
        self.waiting: dict[int, Array] = {}
        self.place = 0

    def run(self) -> Counts:
        """Run until all threads have exited."""
        try:
            with np.errstate(all="ignore"):
                while self.ready or self.waiting:
                    if self.ready:
                        self._advance(min(self.ready))
                    else:
                        self._open_barriers()
        except Fault as fault:
            self._locate(fault)
            raise
        return self.counts

    def _advance(self, place: int) -> None:
        """Run the group at a place until it diverges or joins another group."""
        group = self.ready.pop(place)
        while True:
            self.place = place
            decoded = self.program[place]
            self.threads.select(group)
            self._count(decoded, group)
            acting = self._acting(decoded.instruction, group)
            if decoded.step is None:
                self._control(decoded, group, acting)
                return
            if acting.size:
                self.threads.select(acting)
                decoded.step(self.threads)
            place += 1
            if place in self.ready:
                self._join(self.ready, place, group)
                return

    def _count(self, decoded: Decoded, group: Array) -> None:
        self.counts.steps += 1
        self.counts.instructions[decoded.name] += group.size
        if self.counts.steps > self.limit:
            raise Endless(f"more than {self.limit} steps", 0)

    def _acting(self, instruction: Instruction, group: Array) -> Array:
        """The threads of a group whose guard is true."""
        if instruction.guard is None:
            return group
        guard = self.threads.registers[instruction.guard][self.threads.where]
        return np.asarray(group[guard != instruction.negated])

    def _control(self, decoded: Decoded, group: Array, acting: Array) -> None:
        opcode = decoded.instruction.opcode
        if opcode == "bra":
            self._join(self.ready, decoded.target, acting)
        elif opcode == "bar":
            self._join(self.waiting, self.place, acting)
        elif opcode == "trap" and acting.size:
            raise Trap("the kernel stopped itself", int(np.searchsorted(group, acting[0])))
        else:
            self.threads.left[acting] = True
        if acting.size < group.size:
            self._join(self.ready, self.place + 1, np.setdiff1d(group, acting, assume_unique=True))

    def _join(self, groups: dict[int, Array], place: int, group: Array) -> None:
        if group.size:
            both = np.concatenate([groups[place], group]) if place in groups else group
            groups[place] = np.sort(both, kind="stable")

    def _open_barriers(self) -> None:
        """Open the barriers if in every waiting block all threads wait at the same barrier."""
        for place, group in self.waiting.items():
            blocks = self.threads.block_of[group]
            arrived = np.bincount(blocks, minlength=self.threads.blocks)[blocks]
            missing = arrived < self.threads.per_block
            if missing.any():
                self.place = place
                self.threads.select(group)
                at = int(np.argmax(missing))
                what = f"only {arrived[at]} of {self.threads.per_block} threads reach this barrier"
                raise BadBarrier(what, at)
        for place, group in self.waiting.items():
            self.threads.pass_barrier(group)
            self._join(self.ready, place + 1, group)
        self.waiting = {}

    def _locate(self, fault: Fault) -> None:
        text = self.program[self.place].instruction.text
        thread = int(self.threads.index[fault.position or 0])
        number, block = self.threads.number[thread], self.threads.block_of[thread]
        fault.locate(self.kernel.name, text, int(block), int(number))


def _bad_launch(
    kernel: Kernel, grid: tuple[int, ...], block: tuple[int, ...], arguments: bytes, shared: int
) -> BadArguments | None:
    """The error if a grid, block, arguments or shared bytes do not fit the kernel, or None."""
    problem = ""
    for name, sizes, most in (("grid", grid, GRID), ("block", block, BLOCK)):
        fits = all(1 <= size <= limit for size, limit in zip(sizes, most, strict=False))
        if not 1 <= len(sizes) <= 3 or not fits:
            problem = f"{name} {sizes} is not 1 to 3 numbers from 1 to {most}"
    if not problem and int(np.prod(block)) > kernel.most_threads:
        problem = f"block {block} has more than {kernel.most_threads} threads"
    elif len(arguments) != kernel.argument_size:
        problem = f"{len(arguments)} bytes of arguments, the kernel takes {kernel.argument_size}"
    elif kernel.shared + shared > SHARED:
        problem = f"more than {SHARED} bytes of shared memory"
    fault = BadArguments(problem)
    fault.locate(kernel.name, "", None, None)
    return fault if problem else None
