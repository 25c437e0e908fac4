"""Prove that the complex step is exact: every operation of a traced call is holomorphic.

    L'(x) = Im L(x + ihv) / h   if the traced y is finite and equal to y, and nothing is recorded

Then no number has left the trace, and every operation on x + ihv was holomorphic (traced.py). A
forward that reads the dtype may take another branch for complex numbers: there, differences must
agree with the complex step.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

from minigan.arrays import Array
from minigan.gradcheck.pair import Line, Pair
from minigan.gradcheck.structure import flatten
from minigan.gradcheck.traced import Traced, TraceLog, source_line

SAME_REAL, SAME = 1e-9, 1e-12  # relative differences of two equal calls, by rounding
SQUARE = 2.0**-590  # the term h^2 of Re y


@dataclass(frozen=True)
class TracedCall:
    """What a traced call of forward has shown. `y` is None if it raised an exception."""

    y: Array | None
    operations: tuple[str, ...]
    ties: bool
    asks_dtype: bool

    def proves(self, line: Line, y: Array) -> bool:
        """Is the complex step exact? `y` is that of the untraced call at the same point."""
        if self.y is None or self.operations:
            return False
        real, imaginary = np.abs(self.y.real - line.pair.y), np.abs(self.y.imag - y.imag)
        equal = np.all(real <= np.maximum(SAME_REAL * np.abs(line.pair.y), SQUARE))
        return bool(equal and np.all(imaginary <= SAME * np.max(np.abs(y.imag), initial=0.0)))


def trace(line: Line, h: float) -> TracedCall:
    """Call forward once at x + ihv with a traced array."""
    pair, log = line.pair, TraceLog()
    inputs = pair.inputs()
    inputs[line.k] = Traced(line.point(complex(0.0, h)), log)
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        y = traced_call(pair, inputs, log)
    for cast in caught:
        if issubclass(cast.category, ComplexWarning):
            log.record([f"a cast to real numbers{source_line(cast.filename, cast.lineno)}"])
    found = y if y.shape == pair.y.shape else None
    return TracedCall(found, tuple(log.operations), log.ties, log.asks_dtype)


def traced_call(pair: Pair, inputs: list[Any], log: TraceLog) -> Array:
    """y (complex) of a traced call; empty if it raises an exception."""
    try:
        parts = []
        for _, value in flatten(pair.functions.forward(inputs)):
            if isinstance(value, Traced):
                log.record([value._origin] if value._origin else [])
                value = value._numbers
            parts.append(np.asarray(value, dtype=complex).ravel())
        y: Array = np.concatenate(parts)
    except Exception:  # an operation that the trace does not support, or a number that leaves it
        y = np.empty(0)
    return y
