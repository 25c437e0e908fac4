"""How far a run is, in one line: rate, time left, and both losses beside their equilibrium values.

On a terminal the line is a bar that renews itself; into a pipe or file it is a plain line every
few seconds. Both go to standard error.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from tqdm import tqdm

SECONDS_BETWEEN_PLAIN_LINES = 5.0


class Progress:
    """A context around a run of `total` iterations, `first` of them done; `quiet` shows nothing.

    A terminal or a pipe that is not there any more makes it silent, and never stops the run.
    """

    def __init__(self, total: int, quiet: bool = False, first: int = 0) -> None:
        self.total, self.done, self.first = total, first, first
        self.plain = not quiet and not sys.stderr.isatty()
        self._bar: tqdm[Any] | None = None
        if not quiet and not self.plain:
            self._bar = tqdm(total=total, initial=first, unit="it", dynamic_ncols=True)
        self._start = self._last = time.monotonic()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            with self._silent_when_nobody_reads():
                self._bar.close()

    def advance(self, words: str | None) -> None:
        """One more iteration is done; `words`, if any, are the newest measures."""
        self.done += 1
        if self._bar is not None:
            if words:
                self._bar.set_postfix_str(words, refresh=False)
            with self._silent_when_nobody_reads():
                self._bar.update()
        now = time.monotonic()
        if words and now - self._last >= SECONDS_BETWEEN_PLAIN_LINES:
            self._last = now
            rate = (self.done - self.first) / (now - self._start)
            left = (self.total - self.done) / rate
            self._print(
                f"{self.done}/{self.total} iterations, {rate:.1f} it/s, {left:.0f} s left, {words}"
            )

    def write(self, line: str) -> None:
        """A line that stays, above the bar."""
        self._print(line)
        if self._bar is not None:
            with self._silent_when_nobody_reads():
                tqdm.write(line, file=sys.stderr)

    def _print(self, line: str) -> None:
        if self.plain:
            with self._silent_when_nobody_reads():
                print(line, file=sys.stderr, flush=True)

    @contextmanager
    def _silent_when_nobody_reads(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            self.plain, self._bar = False, None
