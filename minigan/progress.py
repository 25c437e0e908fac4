"""How far a run is, in one line: rate, time left, and both losses beside their equilibrium values.

On a terminal the line is a bar that renews itself; into a pipe or file it is a plain line every
few seconds. Both go to standard error.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from tqdm import tqdm

SECONDS_BETWEEN_PLAIN_LINES = 5.0


class Progress:
    """A context around a run of `total` iterations; `quiet` shows nothing at all."""

    def __init__(self, total: int, quiet: bool = False) -> None:
        self.total, self.done = total, 0
        self.plain = not quiet and not sys.stderr.isatty()
        self._bar: tqdm[Any] = tqdm(
            total=total, unit="it", disable=quiet or self.plain, dynamic_ncols=True
        )
        self._start = self._last = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.close()

    def advance(self, words: str | None) -> None:
        """One more iteration is done; `words`, if any, are the newest measures."""
        self.done += 1
        if words:
            self._bar.set_postfix_str(words, refresh=False)
        self._bar.update()
        now = time.monotonic()
        if self.plain and words and now - self._last >= SECONDS_BETWEEN_PLAIN_LINES:
            self._last = now
            rate = self.done / (now - self._start)
            left = (self.total - self.done) / rate
            print(
                f"{self.done}/{self.total} iterations, {rate:.1f} it/s, {left:.0f} s left, {words}",
                file=sys.stderr,
                flush=True,
            )

    def write(self, line: str) -> None:
        """A line that stays, above the bar."""
        if self.plain:
            print(line, file=sys.stderr, flush=True)
        elif not self._bar.disable:
            tqdm.write(line, file=sys.stderr)
