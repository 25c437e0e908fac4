"""The ledger records every launch, allocation, copy and synchronisation of the stand-in, by name.

Each operation of CuPy counts as one launch: a ufunc, a reduction, a product, a fill, a copy or a
kernel. CuPy runs some reductions as two kernels, so the count is a lower bound. Views, reshapes of
contiguous arrays, and empty arrays cost nothing.
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
    """An operation that costs time on a GPU. `size` is in bytes, 0 if it does not apply."""

    kind: Kind
    name: str
    size: int


@dataclass
class Ledger:
    """The events since the beginning, or since `reset`."""

    events: list[Event] = field(default_factory=list)
    _stretches: list[Ledger] = field(default_factory=list, repr=False)

    def note(self, kind: Kind, name: str, size: int = 0) -> None:
        """Record an event, here and in every open stretch."""
        event = Event(kind, name, size)
        for ledger in (self, *self._stretches):
            ledger.events.append(event)

    def reset(self) -> None:
        """Delete all events. Open stretches keep theirs."""
        self.events.clear()

    @contextmanager
    def stretch(self) -> Iterator[Ledger]:
        """A ledger of the events inside the `with` block."""
        stretch = Ledger()
        self._stretches.append(stretch)
        try:
            yield stretch
        finally:
            # By identity, because two stretches with the same events are equal.
            self._stretches = [other for other in self._stretches if other is not stretch]

    def names(self, kind: Kind) -> list[str]:
        """The names of the events of one kind, in order."""
        return [event.name for event in self.events if event.kind == kind]

    def count(self, kind: Kind) -> int:
        """The number of events of one kind."""
        return len(self.names(kind))

    def by_name(self, kind: Kind = "launch") -> Counter[str]:
        """The number of events of one kind for each name."""
        return Counter(self.names(kind))

    @property
    def launches(self) -> list[str]:
        """The names of the launches, in order."""
        return self.names("launch")

    @property
    def allocated(self) -> int:
        """The total bytes of all allocations."""
        return sum(event.size for event in self.events if event.kind == "allocation")

    @property
    def counts(self) -> dict[Kind, int]:
        """The number of events of every kind, including zeros."""
        return {kind: self.count(kind) for kind in KINDS}
