"""Errors of a kernel: one exception class for each property that the machine checks.

A check runs on many threads at once and reports the position of the first bad one. The machine then
adds the kernel, the instruction, the block and the thread with `locate`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Fault(Exception):
    """An error of a kernel; `position` is the first bad thread among the active ones."""

    def __init__(self, what: str, position: int | None = None) -> None:
        super().__init__(what)
        self.what, self.position = what, position
        self.kernel = self.instruction = ""
        self.block: int | None = None
        self.thread: int | None = None

    def locate(self, kernel: str, instruction: str, block: int | None, thread: int | None) -> None:
        """Add the location to the message; block and thread numbers count x fastest."""
        self.kernel, self.instruction, self.block, self.thread = kernel, instruction, block, thread

    def __str__(self) -> str:
        where = f"kernel {self.kernel}" if self.kernel else ""
        where += f", block {self.block}, thread {self.thread}" if self.block is not None else ""
        where += f", at '{self.instruction}'" if self.instruction else ""
        return f"{self.what} ({where})" if where else self.what


class OutOfBounds(Fault):
    """An address outside of the pointer's array, or outside of every array."""


class Misaligned(Fault):
    """An address that is not a multiple of the size of the access."""


class ReadOnly(Fault):
    """A write to an array that was passed as read-only."""


class Uninitialised(Fault):
    """A read of bytes or of a register that were never written."""


class Race(Fault):
    """Two threads access a byte, at least one writes it, and no barrier orders them."""


class BadBarrier(Fault):
    """A barrier or a shuffle that some of its threads never reach."""


class Endless(Fault):
    """The kernel takes more steps than the limit."""


class DivisionByZero(Fault):
    """An integer division by zero, whose result is undefined in CUDA."""


class Trap(Fault):
    """The kernel executed a trap instruction."""


class Unsupported(Fault):
    """PTX that the interpreter does not implement."""


class BadArguments(Fault):
    """Arguments, a grid or a block that the kernel does not accept."""


def refuse(kind: type[Fault], bad: Array, what: str) -> None:
    """Raise an exception of class `kind` if any thread is bad.

    Raises:
        Fault: at the position of the first bad thread.
    """
    if bad.any():
        raise kind(what, int(np.argmax(bad)))
