"""Standard error for progress and warnings. A stream that is full or closed loses only the text.

say("a line")                a line on standard error
step_log("computing")        a function that says which step begins, on a terminal only
tqdm(file=stderr(), ...)     a progress bar
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO

from minigan.system.text import printable

KEPT = frozenset("\n\t\r")


class Messages:
    """A text stream whose write and flush raise no error. Anything else is that of the stream.

    Control characters, which may come from a file, are escaped, except those of a progress bar.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write the text, or lose it."""
        try:
            return len(text) if self.stream is None else self.stream.write(printable(text, KEPT))
        except (OSError, ValueError):  # ValueError: the stream is closed
            return len(text)

    def flush(self) -> None:
        """Flush the stream, or lose what it holds."""
        try:
            if self.stream is not None:
                self.stream.flush()
        except (OSError, ValueError):
            pass

    def isatty(self) -> bool:
        """True if the stream is an open terminal."""
        try:
            return self.stream is not None and self.stream.isatty()
        except ValueError:
            return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def stderr() -> Messages:
    """The present standard error."""
    return Messages(sys.stderr)


def say(line: object) -> None:
    """Write a line to standard error, at once."""
    print(line, file=stderr(), flush=True)


def step_log(verb: str, quiet: bool = False) -> Callable[[str], None]:
    """A function of a step that says "VERB STEP", unless `quiet` or without a terminal."""

    def begin(step: str) -> None:
        if not quiet and stderr().isatty():
            say(f"{verb} {step}")

    return begin
