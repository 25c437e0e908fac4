"""One gradient beside its numeric values, and the ways in which two arrays can be related.

    same(a, n): |a - n| <= 1e-6 max|n|          ratio(a, n): the c with a = c n

In both, a difference that the numeric method cannot resolve counts as none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array

FIT = 1e-6


@dataclass(frozen=True)
class Compared:
    """One input's gradient: what backward gave (any shape), and the numeric values at `entries`.

    `resolution` is what the numeric method cannot see; `bad` marks the entries out of tolerance.
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
        """Is a gradient of this input's shape the numeric one, on every entry compared?"""
        return gradient.shape == self.shape and same(
            gradient.reshape(-1)[self.entries], self.numeric, self.resolution
        )


def same(a: Array, b: Array, resolution: float) -> bool:
    """Do two arrays agree, to 1e-6 of the largest entry or to what the method can see?"""
    scale = float(np.max(np.abs(b), initial=0.0))
    return scale > 0 and bool(np.all(np.abs(a - b) <= max(FIT * scale, resolution)))


def ratio(a: Array, n: Array, resolution: float) -> float | None:
    """The c with a = c n on all entries, or None."""
    square = float(np.sum(n * n))
    c = float(np.sum(a * n)) / square if square > 0 else 0.0
    return c if c and same(a / c, n, resolution) else None


def cosine(row: Compared) -> float:
    """The cosine of the angle between the analytic and the numeric gradient."""
    lengths = float(np.linalg.norm(row.values) * np.linalg.norm(row.numeric))
    return float(np.sum(row.values * row.numeric)) / lengths if lengths else 0.0
