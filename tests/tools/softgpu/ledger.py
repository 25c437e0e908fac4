"""The ledger: every launch, allocation, copy and synchronisation of the stand-in, by name.

One operation of CuPy counts as one launch: a ufunc, a reduction, a product, a fill, a copy, a
kernel. (CuPy makes two kernels of some reductions; so the count is one of operations, and a
floor.) Views and reshapes of contiguous arrays cost nothing, and neither does an empty array.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias, get_args

Kind: TypeAlias = Literal[
    "launch", "allocation", "to_device", "to_host", "synchronisation", "hidden_copy"
]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Event(NamedTuple):
    """Something that costs time on a GPU. `size` is in bytes; 0 where there is nothing to say."""

    kind: Kind
    name: str
    size: int


@dataclass
class Ledger:
    """The events since the beginning, or since `reset`."""

    events: list[Event] = field(default_factory=list)
    _stretches: list[Ledger] = field(default_factory=list, repr=False)

    def note(self, kind: Kind, name: str, size: int = 0) -> None:
        """Write an event down, here and in every open stretch."""
        event = Event(kind, name, size)
        for ledger in (self, *self._stretches):
            ledger.events.append(event)

    def reset(self) -> None:
        """Forget all events. Open stretches keep theirs."""
        self.events.clear()

    @contextmanager
    def stretch(self) -> Iterator[Ledger]:
        """A ledger of what happens inside of the `with` block alone."""
        stretch = Ledger()
        self._stretches.append(stretch)
        try:
            yield stretch
        finally:
            # By identity: two stretches that saw the same events are equal.
            self._stretches = [other for other in self._stretches if other is not stretch]

    def names(self, kind: Kind) -> list[str]:
        """The names of the events of one kind, in order."""
        return [event.name for event in self.events if event.kind == kind]

    def count(self, kind: Kind) -> int:
        """How many events of one kind there were."""
        return len(self.names(kind))

    def by_name(self, kind: Kind = "launch") -> Counter[str]:
        """How often each name occurs among the events of one kind."""
        return Counter(self.names(kind))

    @property
    def launches(self) -> list[str]:
        """The launches, in order."""
        return self.names("launch")

    @property
    def allocated(self) -> int:
        """The bytes asked for by all allocations."""
        return sum(event.size for event in self.events if event.kind == "allocation")

    @property
    def counts(self) -> dict[Kind, int]:
        """The number of events of every kind, also of those that are 0."""
        return {kind: self.count(kind) for kind in KINDS}
