"""Ctrl-C asks a run to stop after the iteration under way; a second Ctrl-C stops at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """A context in which the first Ctrl-C (SIGINT), or SIGTERM, only sets `asked`.

    The handlers that were there before are back from then on, so that a second Ctrl-C raises
    KeyboardInterrupt as usual; and at the end of the context. Only the main thread of a program
    can handle signals: in another thread nothing changes.
    """

    def __init__(self) -> None:
        self.asked = False
        self._handles = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Interrupt:
        if self._handles:
            self._previous = {number: signal.getsignal(number) for number in SIGNALS}
            for number in self._previous:
                signal.signal(number, self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._handles:
            self._step_back()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        self._step_back()

    def _step_back(self) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
