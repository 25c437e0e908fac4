"""The other memory spaces: shared, local, parameters and constants, and generic addresses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softgpu.faults import Array, OutOfBounds
from softgpu.memory import Memory, Place, Space, inside, positions_of
from softgpu.ptx import BASES, Kernel
from softgpu.races import Races
from softgpu.spans import Span
from softgpu.threads import Threads


class PerThread:
    """Shared memory (one copy for each block) or local memory (one for each thread).

    owner[thread] is the number of the thread's copy. A copy has `size` bytes, of which only the
    `inside` ones belong to a variable.
    """

    def __init__(self, name: str, base: int, owner: Array, inside: Array) -> None:
        self.base, self.owner, self.inside = base, owner, inside
        copies = int(owner.max()) + 1
        self.stride = -(-inside.size // 16) * 16
        data = np.zeros(copies * self.stride, np.uint8)
        self.span = Span(data, np.zeros_like(data), name)

    def places(self, addresses: Array, size: int, threads: Array) -> Iterator[Place]:
        """The place of accesses of `size` bytes each by these threads.

        Raises:
            OutOfBounds: an address outside of every variable.
        """
        offsets = addresses.astype(np.int64) - self.base
        bad = (offsets < 0) | (offsets + size > self.inside.size)
        if not bad.any():
            bad = ~(self.inside[offsets] & self.inside[offsets + size - 1])
        if bad.any():
            at = int(np.argmax(bad))
            raise OutOfBounds(f"offset {offsets[at]} of {self.span.name} is in no variable", at)
        yield Place(slice(None), self.span, offsets + self.owner[threads] * self.stride)


class Uniform:
    """Read-only bytes that are the same for all threads: arguments and constants."""

    def __init__(self, name: str, base: int, data: bytes) -> None:
        self.base = base
        raw = np.frombuffer(data, np.uint8)
        self.span = Span(raw, np.ones_like(raw), name, writable=False)

    def places(self, addresses: Array, size: int, threads: Array) -> Iterator[Place]:
        """The place of accesses of `size` bytes each.

        Raises:
            OutOfBounds: an address outside of these bytes.
        """
        yield inside(self.span, slice(None), addresses.astype(np.int64) - self.base, size)


class Generic:
    """Generic addresses: the ranges of the spaces do not overlap, so an address gives its space."""

    def __init__(self, spaces: dict[str, Space]) -> None:
        self.spaces = spaces

    def places(self, addresses: Array, size: int, threads: Array) -> Iterator[Place]:
        """The places of the accesses, one space after another."""
        rest = np.ones(addresses.shape, bool)
        for name, base in BASES.items():
            here = (addresses >= base) & (addresses < base + 0x1000_0000)
            rest &= ~here
            yield from self._within(self.spaces[name], here, addresses, size, threads)
        yield from self._within(self.spaces["global"], rest, addresses, size, threads)

    def _within(
        self, space: Space, here: Array, addresses: Array, size: int, threads: Array
    ) -> Iterator[Place]:
        if not here.any():
            return
        chosen = np.flatnonzero(here)
        with positions_of(chosen):
            places = list(space.places(addresses[chosen], size, threads[chosen]))
        for which, span, offsets in places:
            yield Place(chosen[which], span, offsets)


def spaces(
    kernel: Kernel, threads: Threads, arguments: bytes, memory: Memory, shared: int
) -> dict[str, Space]:
    """The memory spaces of a launch."""
    inside = {name: np.zeros(kernel.size(name), bool) for name in ("shared", "local")}
    constants = bytearray(kernel.size("const"))
    for variable in kernel.variables.values():
        size = variable.size or shared
        if variable.space == "const":
            constants[variable.offset : variable.offset + size] = variable.data or b""
            continue
        missing = max(variable.offset + size - inside[variable.space].size, 0)
        inside[variable.space] = np.pad(inside[variable.space], (0, missing))
        inside[variable.space][variable.offset : variable.offset + size] = True
    shares = PerThread("shared memory", BASES["shared"], threads.block_of, inside["shared"])
    shares.span.races = Races(shares.span.data.size, threads.blocks, threads.per_block)
    found: dict[str, Space] = {
        "global": memory,
        "shared": shares,
        "local": PerThread("local memory", BASES["local"], threads.all, inside["local"]),
        "param": Uniform("the arguments", BASES["param"], arguments),
        "const": Uniform("the constants", BASES["const"], bytes(constants)),
    }
    return found | {"generic": Generic(found)}
