"""Race detection: two threads access a byte, at least one writes it, and no barrier orders them.

Only a barrier of their block orders the accesses of two threads. A *tag* identifies a thread and
the stretch between two barriers in which it runs:

    tag = (epoch * blocks + block) * (threads + 1) + thread

where the epoch is the number of barriers that the block has passed. A memory cell has the size of
the narrowest access so far. It stores the tags of its last plain write, its last read and its last
atomic access. Two tags are ordered if they are equal, or if both are of the same block and the
first has an earlier epoch. A tag with `thread = threads` means several threads of that stretch. It
is ordered only before later epochs of its block. The tag SEVERAL means several blocks, and is
ordered before no other tag. So no reader is lost.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softgpu.faults import Array, Race

NO_ACCESS, SEVERAL = -1, -2
PAST = {"write": "wrote", "read": "read", "atomic": "changed"}


class Races:
    """The last accesses to each byte of one array, in one launch of blocks x threads."""

    def __init__(self, size: int, blocks: int, threads: int) -> None:
        self.size, self.blocks, self.threads = size, blocks, threads
        self.cell = 0  # bytes; known at the first access
        self.last: dict[str, Array] = {}  # kind of access -> tag of each cell

    def read(self, offsets: Array, size: int, now: Array) -> None:
        """Record that the threads with the tags `now` read `size` bytes each.

        Raises:
            Race: another thread writes one of these bytes.
        """
        for cells in self._cells(offsets, size):
            self._check(cells, now, "read", ("write", "atomic"))
            self._join("read", cells, now)

    def write(self, offsets: Array, size: int, now: Array) -> None:
        """Record that the threads with the tags `now` write `size` bytes each.

        Raises:
            Race: another thread reads or writes one of these bytes.
        """
        for cells in self._cells(offsets, size):
            self._check(cells, now, "write", ("write", "read", "atomic"))
            last = self._tags("write")
            last[cells] = now
            self._check(cells, now, "write", ("write",))  # two threads in the same step

    def atomic(self, offsets: Array, size: int, now: Array) -> None:
        """Record that the threads with the tags `now` change `size` bytes each atomically.

        Raises:
            Race: another thread reads or writes one of these bytes without an atomic operation.
        """
        for cells in self._cells(offsets, size):
            self._check(cells, now, "change", ("write", "read"))
            self._join("atomic", cells, now)

    def _cells(self, offsets: Array, size: int) -> Iterator[Array]:
        """The cells of each access, in order; cells are split for a narrower access."""
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
            self.last[kind] = np.full(-(-self.size // self.cell), NO_ACCESS, np.int64)
        return self.last[kind]

    def _check(self, cells: Array, now: Array, doing: str, kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            if kind not in self.last:
                continue
            before = self.last[kind][cells]
            bad = (before != NO_ACCESS) & (before != now)
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
        """Add the tags `now` to the last accesses of the cells."""
        tags = self._tags(kind)
        before = tags[cells]
        new = (before == NO_ACCESS) | (before == now)
        if not new.all():
            new |= self._ordered(before, now)
        joined = now if new.all() else np.where(new, now, self._both(before, now))
        tags[cells] = joined
        final = tags[cells]
        other = final != joined  # several threads access one cell in the same step
        if other.any():
            both, shared = self._both(final, joined)[other], cells[other]
            tags[shared] = both
            tags[shared[both == SEVERAL]] = SEVERAL

    def _ordered(self, before: Array, now: Array) -> Array:
        """True where a barrier of the block is between the accesses."""
        earlier, later = before // (self.threads + 1), now // (self.threads + 1)
        same_block = earlier % self.blocks == later % self.blocks
        return np.asarray((before >= 0) & same_block & (earlier < later))

    def _both(self, before: Array, now: Array) -> Array:
        """The tag for the union of two tags."""
        stretch = now // (self.threads + 1)
        same = (before >= 0) & (before // (self.threads + 1) == stretch)
        return np.where(same, stretch * (self.threads + 1) + self.threads, SEVERAL)

    def _name(self, tag: int) -> str:
        if tag == SEVERAL:
            return "threads of several blocks"
        stretch, thread = divmod(tag, self.threads + 1)
        who = "several threads" if thread == self.threads else f"thread {thread}"
        return f"{who} of block {stretch % self.blocks}"
