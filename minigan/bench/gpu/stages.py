"""The progress of a verification: one line for each finished stage, with the remaining time.

    remaining time = elapsed time x remaining weight / finished weight

The weight of a stage is about the number of seconds that it takes on a GPU. The finished stages
show how fast this machine is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from minigan.system.messages import say


class Stages:
    """Stages of a given total weight. Unless `quiet`, each prints a line on standard error."""

    def __init__(
        self, total: float, *, quiet: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.total, self.quiet, self.clock = total, quiet, clock
        self.done = 0.0
        self.start = clock()

    @contextmanager
    def stage(self, name: str, weight: float) -> Iterator[None]:
        """A context manager: the stage is the body of the `with` statement."""
        before = self.clock()
        yield
        self.done += weight
        now = self.clock()
        left = (now - self.start) * (self.total - self.done) / self.done
        if not self.quiet:
            say(f"{name}: {now - before:.1f} s, about {left:.0f} s left")
