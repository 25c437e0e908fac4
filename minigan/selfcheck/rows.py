"""Check one pair of forward and backward functions at the tolerance 1e-12."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from minigan.arrays import Array
from minigan.draws import generator
from minigan.gradcheck import Row, check

TOLERANCE = 1e-12


def check_rows(
    title: str,
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *inputs: Array,
    names: Sequence[str] | None = None,
) -> tuple[Row, ...]:
    """The rows of `minigan.gradcheck.check` at `TOLERANCE`, each named "TITLE: INPUT"."""
    # These functions have no hidden random numbers, which more repeats would look for.
    report = check(forward, backward, *inputs, names=names, tolerance=TOLERANCE, repeats=2)
    return tuple(replace(row, name=f"{title}: {row.name}") for row in report.rows)


def normal(stream: str, *shape: int) -> Array:
    """A standard normal array of this shape; a function of the stream name and the shape."""
    return generator(0, f"proofs/{stream}", 0).standard_normal(shape)
