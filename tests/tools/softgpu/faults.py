"""What can go wrong in a kernel: one exception for each thing that the machine checks.

A check sees many threads at once and knows only the position of the first bad one; the machine
adds, in `locate`, which kernel, instruction, block and thread that is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Fault(Exception):
    """A kernel did what it must not; `position` is the first bad one of the active threads."""

    def __init__(self, what: str, position: int | None = None) -> None:
        super().__init__(what)
        self.what, self.position = what, position
        self.kernel = self.instruction = ""
        self.block: int | None = None
        self.thread: int | None = None

    def locate(self, kernel: str, instruction: str, block: int | None, thread: int | None) -> None:
        """Say where it happened: block and thread are numbered in one line, x fastest."""
        self.kernel, self.instruction, self.block, self.thread = kernel, instruction, block, thread

    def __str__(self) -> str:
        where = f"kernel {self.kernel}" if self.kernel else ""
        where += f", block {self.block}, thread {self.thread}" if self.block is not None else ""
        where += f", at '{self.instruction}'" if self.instruction else ""
        return f"{self.what} ({where})" if where else self.what


class OutOfBounds(Fault):
    """An address outside the array that the pointer was made from, or outside every array."""


class Misaligned(Fault):
    """An address that is not a multiple of the size of the access."""


class ReadOnly(Fault):
    """A write to an array that was handed over as read-only."""


class Uninitialised(Fault):
    """A read of bytes that nobody has written, or of a thread's register that holds nothing."""


class Race(Fault):
    """Two threads touch a byte, at least one writes it, and nothing orders the two."""


class BadBarrier(Fault):
    """A barrier, or a shuffle, that not all the threads it waits for reach."""


class Endless(Fault):
    """More steps than the limit."""


class DivisionByZero(Fault):
    """An integer divided by zero, whose result CUDA leaves undefined."""


class Trap(Fault):
    """The kernel stopped itself."""


class Unsupported(Fault):
    """A piece of PTX that the interpreter does not know."""


class BadArguments(Fault):
    """Argument bytes, a grid or a block that do not fit the kernel."""


def refuse(kind: type[Fault], bad: Array, what: str) -> None:
    """Raise a fault of that kind if any thread is bad.

    Raises:
        Fault: of the kind given, at the first bad thread.
    """
    if bad.any():
        raise kind(what, int(np.argmax(bad)))
