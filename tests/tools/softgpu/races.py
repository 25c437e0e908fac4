"""Races: two threads touch a byte, at least one of them writes it, and nothing orders the two.

Only a barrier of their block orders the accesses of two threads. A *tag* names a thread and the
stretch between two barriers in which it acts:

    tag = (epoch * blocks + block) * (threads + 1) + thread

with the epoch the number of barriers that the block has passed. A cell of memory (as many bytes as
the narrowest access so far) remembers the tag of its last plain write, of its last read and of its
last atomic access. Two tags are ordered if they are the same, or of the same block and the earlier
one of an earlier epoch. `thread = threads` in a tag stands for several threads of that stretch and
SEVERAL for several blocks; both are ordered before nothing in reach, so no reader is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softgpu.faults import Array, Race

NOBODY, SEVERAL = -1, -2
PAST = {"write": "wrote", "read": "read", "atomic": "changed"}


class Races:
    """Who touched each byte of one array during one launch of blocks x threads."""

    def __init__(self, size: int, blocks: int, threads: int) -> None:
        self.size, self.blocks, self.threads = size, blocks, threads
        self.cell = 0  # bytes; known at the first access
        self.last: dict[str, Array] = {}  # kind of access -> tag of each cell

    def read(self, offsets: Array, size: int, now: Array) -> None:
        """Threads of the tags `now` read `size` bytes each.

        Raises:
            Race: another thread writes one of these bytes.
        """
        for cells in self._cells(offsets, size):
            self._check(cells, now, "read", ("write", "atomic"))
            self._join("read", cells, now)

    def write(self, offsets: Array, size: int, now: Array) -> None:
        """Threads of the tags `now` write `size` bytes each.

        Raises:
            Race: another thread reads or writes one of these bytes.
        """
        for cells in self._cells(offsets, size):
            self._check(cells, now, "write", ("write", "read", "atomic"))
            last = self._tags("write")
            last[cells] = now
            self._check(cells, now, "write", ("write",))  # two threads in the same step

    def atomic(self, offsets: Array, size: int, now: Array) -> None:
        """Threads of the tags `now` change `size` bytes each, one after the other.

        Raises:
            Race: another thread reads or writes one of these bytes, not atomically.
        """
        for cells in self._cells(offsets, size):
            self._check(cells, now, "change", ("write", "read"))
            self._join("atomic", cells, now)

    def _cells(self, offsets: Array, size: int) -> Iterator[Array]:
        """The cells of each access, one after the other; cells are made finer where needed."""
        self.cell = self.cell or size
        if size < self.cell:
            parts = self.cell // size
            self.last = {kind: np.repeat(tags, parts) for kind, tags in self.last.items()}
            self.cell = size
        first = offsets // self.cell
        for k in range(size // self.cell):
            yield first + k

    def _tags(self, kind: str) -> Array:
        if kind not in self.last:
            self.last[kind] = np.full(-(-self.size // self.cell), NOBODY, np.int64)
        return self.last[kind]

    def _check(self, cells: Array, now: Array, doing: str, kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            if kind not in self.last:
                continue
            before = self.last[kind][cells]
            bad = (before != NOBODY) & (before != now)
            if bad.any():
                bad &= ~self._ordered(before, now)
            if bad.any():
                at = int(np.argmax(bad))
                who = self._name(int(before[at]))
                what = (
                    f"a race: would {doing} a byte that {who} {PAST[kind]} with no barrier between"
                )
                raise Race(what, at)

    def _join(self, kind: str, cells: Array, now: Array) -> None:
        """Add threads to those that touched the cells."""
        tags = self._tags(kind)
        before = tags[cells]
        new = (before == NOBODY) | (before == now)
        if not new.all():
            new |= self._ordered(before, now)
        joined = now if new.all() else np.where(new, now, self._both(before, now))
        tags[cells] = joined
        final = tags[cells]
        other = final != joined  # several threads touch one cell in the same step
        if other.any():
            both, shared = self._both(final, joined)[other], cells[other]
            tags[shared] = both
            tags[shared[both == SEVERAL]] = SEVERAL

    def _ordered(self, before: Array, now: Array) -> Array:
        """True where a barrier of the block lies between."""
        earlier, later = before // (self.threads + 1), now // (self.threads + 1)
        same_block = earlier % self.blocks == later % self.blocks
        return np.asarray((before >= 0) & same_block & (earlier < later))

    def _both(self, before: Array, now: Array) -> Array:
        """The tag that stands for two threads."""
        stretch = now // (self.threads + 1)
        same = (before >= 0) & (before // (self.threads + 1) == stretch)
        return np.where(same, stretch * (self.threads + 1) + self.threads, SEVERAL)

    def _name(self, tag: int) -> str:
        if tag == SEVERAL:
            return "threads of several blocks"
        stretch, thread = divmod(tag, self.threads + 1)
        who = "several threads" if thread == self.threads else f"thread {thread}"
        return f"{who} of block {stretch % self.blocks}"
