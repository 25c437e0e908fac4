"""How far a verification is: a line for each stage, with the time that is left.

    time left = time so far x weight to come / weight done

A stage's weight is about the seconds that it takes on a GPU; how fast this machine is, the stages
that are done tell.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stages:
    """Stages of a total weight; each tells on standard error that it is done, unless `quiet`."""

    def __init__(
        self, total: float, *, quiet: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.total, self.quiet, self.clock = total, quiet, clock
        self.done = 0.0
        self.start = clock()

    @contextmanager
    def stage(self, name: str, weight: float) -> Iterator[None]:
        """A stage: what is inside of the `with` block."""
        before = self.clock()
        yield
        self.done += weight
        now = self.clock()
        left = (now - self.start) * (self.total - self.done) / self.done
        if not self.quiet:
            print(
                f"{name}: {now - before:.1f} s, about {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )
