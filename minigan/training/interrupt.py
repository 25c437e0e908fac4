"""Ctrl-C asks a run to stop after the iteration under way; a second Ctrl-C stops at once.

The request to terminate (SIGTERM) and a terminal that goes away (SIGHUP) ask in the same way. What
is ignored, as by nohup or in the background of a script, stays ignored.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Interrupt:
    """A context in which the first of these signals only sets `asked`.

    The handlers that were there before are back from then on, so that a second Ctrl-C raises
    KeyboardInterrupt as usual; and at the end of the context. Only the main thread of a program
    can handle signals: in another thread nothing changes.
    """

    def __init__(self) -> None:
        self.asked = False
        self._handles = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Interrupt:
        if self._handles:
            handlers = {number: signal.getsignal(number) for number in SIGNALS}
            self._previous = {
                number: handler
                for number, handler in handlers.items()
                if handler not in (signal.SIG_IGN, None)  # None: not set from Python
            }
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
