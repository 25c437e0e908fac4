"""Ctrl-C stops a run after the current iteration; a second Ctrl-C stops it at once.

SIGTERM (terminate) and SIGHUP (the terminal was closed) have the same effect as Ctrl-C (SIGINT). A
signal that is ignored at the start, for example under nohup, stays ignored.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Interrupt:
    """A context manager in which the first of these signals only sets `requested`.

    That signal also restores the previous handlers, so a second Ctrl-C raises KeyboardInterrupt as
    usual. So does the end of the context. Python handles signals in the main thread only; in
    another thread this context does nothing.
    """

    def __init__(self) -> None:
        self.requested = False
        self._in_main_thread = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Interrupt:
        if self._in_main_thread:
            handlers = {number: signal.getsignal(number) for number in SIGNALS}
            self._previous = {
                number: handler
                for number, handler in handlers.items()
                if handler not in (signal.SIG_IGN, None)  # None: not set from Python
            }
            for number in self._previous:
                signal.signal(number, self._request)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._in_main_thread:
            self._restore_handlers()

    def _request(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        self._restore_handlers()

    def _restore_handlers(self) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
