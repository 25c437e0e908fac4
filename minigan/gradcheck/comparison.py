"""An analytic gradient compared with numeric values, and two relations between arrays.

    nearly_equal(a, n): |a - n| <= 1e-6 max|n|          constant_ratio(a, n): the c with a = c n

Both ignore differences smaller than `resolution`, the error of the numeric method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array

FIT = 1e-6


@dataclass(frozen=True)
class ComparedEntries:
    """The gradient of one input as backward returned it, and numeric values at some entries.

    `analytic` may have any shape. `entries` are flat indices into `shape`, the input's shape, and
    `numeric` the values there. `resolution` is the error of the numeric method; `bad` is True for
    the entries that exceed the tolerance.
    """

    name: str
    shape: tuple[int, ...]
    analytic: Array
    entries: Array
    numeric: Array
    resolution: float
    bad: Array

    @property
    def values(self) -> Array:
        """The analytic gradient at the compared entries."""
        chosen: Array = self.analytic.reshape(-1)[self.entries]
        return chosen

    def fits(self, gradient: Array) -> bool:
        """Does `gradient` have the input's shape, and the numeric values at all entries?"""
        return gradient.shape == self.shape and nearly_equal(
            gradient.reshape(-1)[self.entries], self.numeric, self.resolution
        )


def nearly_equal(a: Array, b: Array, resolution: float) -> bool:
    """Is |a - b| <= max(1e-6 max|b|, resolution) everywhere? False if b is zero everywhere."""
    scale = float(np.max(np.abs(b), initial=0.0))
    return scale > 0 and bool(np.all(np.abs(a - b) <= max(FIT * scale, resolution)))


def constant_ratio(a: Array, n: Array, resolution: float) -> float | None:
    """The c with a = c n at all entries, or None if there is none."""
    square = float(np.sum(n * n))
    c = float(np.sum(a * n)) / square if square > 0 else 0.0
    return c if c and nearly_equal(a / c, n, resolution) else None


def cosine(row: ComparedEntries) -> float:
    """The cosine of the angle between the analytic and the numeric gradient; 0 if one is zero."""
    lengths = float(np.linalg.norm(row.values) * np.linalg.norm(row.numeric))
    return float(np.sum(row.values * row.numeric)) / lengths if lengths else 0.0
