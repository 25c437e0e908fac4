"""Ctrl-C asks a run to stop after the iteration under way; a second Ctrl-C stops at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType


class Interrupt:
    """A context in which the first Ctrl-C (SIGINT) only sets `asked`.

    The handler that was there before is back from the first Ctrl-C on, so that the second raises
    KeyboardInterrupt as usual; and at the end of the context. Only the main thread of a program
    can handle signals: in another thread nothing changes.
    """

    def __init__(self) -> None:
        self.asked = False
        self._handles = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Interrupt:
        if self._handles:
            self._previous = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._handles:
            signal.signal(signal.SIGINT, self._previous)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, self._previous)
