"""Ctrl-C (SIGINT), SIGTERM and SIGHUP: a command ends with its files in order, and no traceback.

SIGTERM is the request to terminate; SIGHUP says that the terminal was closed. A closed terminal
sends SIGHUP twice within milliseconds: the kernel sends one, and the shell another. So a repeated
signal counts only after PAUSE seconds, except a second Ctrl-C during training.

    raise_interrupts()      in a command: the first signal raises KeyboardInterrupt
    Interrupt()             in training: the first signal requests a stop, and raises nothing

A signal that is ignored at the start, for example under nohup, stays ignored. Python handles
signals in the main thread only: in another thread, both change nothing.
"""

from __future__ import annotations

import contextlib
import signal
import time
from types import FrameType, TracebackType

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
PAUSE = 1.0  # seconds


class _Raise:
    """A handler that raises KeyboardInterrupt, but not again within PAUSE seconds."""

    def __init__(self) -> None:
        self.raised = False
        self._until = 0.0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if now >= self._until:
            self.raised, self._until = True, now + PAUSE
            raise KeyboardInterrupt


_raise = _Raise()


def raise_interrupts() -> None:
    """Raise KeyboardInterrupt at a signal, until the process ends or `ignore` is called."""
    _set(_raise)


def ignore() -> None:
    """Ignore the signals from now on: the command is at its end, and its status is known."""
    _set(signal.SIG_IGN)


def interrupted() -> bool:
    """True if a signal has raised KeyboardInterrupt. A library may have changed it to an error."""
    return _raise.raised


def _set(handler: signal.Handlers | _Raise) -> None:
    with contextlib.suppress(ValueError):  # not the main thread
        for number in SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):  # None: not from Python
                signal.signal(number, handler)


class Interrupt:
    """A context manager in which the first signal only sets `requested`.

    A second Ctrl-C, and any signal that is repeated after PAUSE seconds, has the effect that it had
    before the context. The end of the context restores the previous handlers.
    """

    def __init__(self) -> None:
        self.requested = False
        self._first: dict[int, float] = {}
        self._previous: dict[int, object] = {}

    def __enter__(self) -> Interrupt:
        with contextlib.suppress(ValueError):  # not the main thread
            for number in SIGNALS:
                handler = signal.getsignal(number)
                if handler not in (signal.SIG_IGN, None):
                    signal.signal(number, self._request)
                    self._previous[number] = handler
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._restore_handlers()

    def _request(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        now = time.monotonic()
        if number not in self._first:
            self._first[number] = now
        elif number == signal.SIGINT or now - self._first[number] >= PAUSE:
            self._restore_handlers()
            signal.raise_signal(number)

    def _restore_handlers(self) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
