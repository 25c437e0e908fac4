"""shfl.sync: each thread of a warp reads a register of another one.

    down: j = lane + b    up: j = lane - b    bfly: j = lane xor b    idx: j = first + b

Bits 0-4 of c are the last lane of the segment. Bits 8-12 select the bits of the lane that identify
the segment. If j is outside of the segment, the thread gets its own value.
"""

from __future__ import annotations

import numpy as np

from softgpu.faults import Array, BadBarrier, Uninitialised, Unsupported, refuse
from softgpu.operands import Vector
from softgpu.ptx import Instruction, Kernel
from softgpu.threads import WARP, Step, Threads, reader, writer

MODES = ("down", "up", "bfly", "idx")


def source_lane(mode: str, lane: Array, b: Array, c: Array) -> tuple[Array, Array]:
    """The lane that each thread reads, and whether j is in the segment."""
    b, limit, segment = b & 31, c & 31, c >> 8 & 31
    first = lane & segment
    last = first | limit & ~segment
    j = {"down": lane + b, "up": lane - b, "bfly": lane ^ b, "idx": first | b & ~segment}[mode]
    inside = j >= last if mode == "up" else j <= last
    return np.where(inside, j, lane), inside


def shuffle(instruction: Instruction, kernel: Kernel) -> Step:
    """shfl.sync.mode.b32 d|p, a, b, c, mask.

    Raises (when it runs):
        BadBarrier: a thread is not in the mask, or a thread of the mask is elsewhere.
        Uninitialised: the other thread has exited, or does not exist.
    """
    modifiers = instruction.modifiers
    if len(modifiers) != 3 or modifiers[0] != "sync" or modifiers[2] != "b32":
        raise Unsupported("unknown shuffle")
    mode = modifiers[1]
    if mode not in MODES:
        raise Unsupported("unknown shuffle")
    target, *sources = instruction.operands
    both = target.parts if isinstance(target, Vector) else (target,)
    write = writer(both[0], "b32", kernel)
    write_inside = writer(both[1], "pred", kernel) if len(both) == 2 else None
    a, b, c, mask = (reader(source, "b32", kernel) for source in sources)

    def step(threads: Threads) -> None:
        index = threads.index
        lane = threads.warp_lane[index]
        _meet(threads, mask(threads).astype(np.int64))
        j, inside = source_lane(mode, lane, b(threads).astype(int), c(threads).astype(int))
        place = np.full(threads.all.size + WARP, -1)
        place[index] = np.arange(index.size)
        other = index - lane + j
        gone = (threads.number[index] - lane + j >= threads.per_block) | (place[other] < 0)
        refuse(Uninitialised, gone, "shuffle from a thread that takes no part in it")
        write(threads, np.broadcast_to(a(threads), index.shape)[place[other]])
        if write_inside:
            write_inside(threads, inside)

    return step


def _meet(threads: Threads, mask: Array) -> None:
    """Raise BadBarrier unless exactly the running threads of the mask are at this instruction."""
    lane = threads.warp_lane[threads.index]
    refuse(BadBarrier, mask >> lane & 1 == 0, "shuffle by a thread that is not in its mask")
    warps = -(-threads.per_block // WARP)
    warp = threads.block_of * warps + threads.number // WARP
    bit = (1 << threads.warp_lane).astype(np.float64)  # a sum of 32 of these is exact
    count = threads.blocks * warps
    alive = np.bincount(warp, bit * ~threads.left, count).astype(np.int64)
    here = np.bincount(warp[threads.index], bit[threads.index], count).astype(np.int64)
    missing = mask & alive[warp[threads.index]] & ~here[warp[threads.index]]
    refuse(BadBarrier, missing != 0, "shuffle waits for threads that are elsewhere")
