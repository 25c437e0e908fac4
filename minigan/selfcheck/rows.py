"""One function pair checked at minigan's own tolerance, its rows named after what is proved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from minigan.arrays import Array
from minigan.draws import generator
from minigan.gradcheck import Row, check

TOLERANCE = 1e-12


def prove(
    title: str,
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *inputs: Array,
    names: Sequence[str] | None = None,
) -> tuple[Row, ...]:
    """The rows of `minigan.gradcheck.check`, each called "title: input"."""
    report = check(forward, backward, *inputs, names=names, tolerance=TOLERANCE)
    return tuple(replace(row, name=f"{title}: {row.name}") for row in report.rows)


def normal(stream: str, *shape: int) -> Array:
    """A fixed standard normal array for a check: always the same for the same stream."""
    return generator(0, f"proofs/{stream}", 0).standard_normal(shape)
