"""Progress of a run on standard error: iterations, rate, remaining time and the latest metrics.

On a terminal this is one line that changes; in a pipe or a file it is one line every 5 seconds.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from tqdm import tqdm

from minigan.system.messages import stderr

SECONDS_BETWEEN_PLAIN_LINES = 5.0
# Without a bar, so that most of 80 columns are left for the metrics.
LINE = "{desc}{percentage:3.0f}% {n_fmt}/{total_fmt} {rate_fmt} {remaining} left{postfix}"


class Progress:
    """A context manager for a run of `total` iterations, of which `first` are already done.

    quiet: write nothing. label, place: the name of the run in its lines, and the line of its bar,
    if several runs report to one terminal. unit: what is counted. If standard error is full
    or closed, the run continues without progress.
    """

    def __init__(
        self,
        total: int,
        quiet: bool = False,
        first: int = 0,
        label: str = "",
        place: int = 0,
        unit: str = "iteration",
    ) -> None:
        self.total, self.done, self.first, self.unit = total, first, first, unit
        self._prefix = f"{label}: " if label else ""
        self._stream = stderr()
        self.plain = not quiet and not self._stream.isatty()
        self._bar: tqdm[Any] | None = None
        if not quiet and not self.plain:
            self._bar = tqdm(
                total=total,
                initial=first,
                unit="it" if unit == "iteration" else unit,
                dynamic_ncols=True,
                bar_format=LINE,
                file=self._stream,
                desc=label or None,
                position=place,
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
        if self._bar is not None:
            self._bar.close()

    def advance(self, metrics: str | None) -> None:
        """Count one more iteration. `metrics` is a text with new metrics, if there are any."""
        self.done += 1
        if self._bar is not None:
            if metrics:
                self._bar.set_postfix_str(metrics, refresh=False)
            self._bar.update()
        now = time.monotonic()
        if metrics and now - self._last >= SECONDS_BETWEEN_PLAIN_LINES:
            self._last = now
            rate = (self.done - self.first) / (now - self._start)
            left = (self.total - self.done) / rate
            speed = f" {rate:.1f} it/s," if self.unit == "iteration" else ""
            self._print(
                f"{self.done}/{self.total} {self.unit}s,{speed} {left:.0f} s left, {metrics}"
            )

    def write(self, line: str) -> None:
        """Write a line that stays on the terminal, above the bar."""
        self._print(line)
        if self._bar is not None:
            tqdm.write(f"{self._prefix}{line}", file=self._stream)

    def _print(self, line: str) -> None:
        if self.plain:
            print(f"{self._prefix}{line}", file=self._stream, flush=True)
