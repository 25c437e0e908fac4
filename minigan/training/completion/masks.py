"""Masks say which values of a picture are observed (1) and which are missing (0).

    pixels       each pixel is observed with probability 1/2
    rectangle    a rectangle is missing: the rows from one uniform number to another, and columns
    half         the left, right, top or bottom half is missing
    all          everything is missing: a completion is a sample

A mask has the shape (height, width) of a picture; a point of d coordinates has (1, d). All channels
of a pixel are observed, or none. In training, each row has a mask of its own, of a kind that is
drawn with equal probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError

SIDES = ("left", "right", "top", "bottom")


def pixels(rng: np.random.Generator, m: int, height: int, width: int) -> Array:
    """s (m, height, width) bool: each pixel is observed with probability 1/2."""
    return rng.random((m, height, width), dtype=np.float32) < 0.5


def rectangle(rng: np.random.Generator, m: int, height: int, width: int) -> Array:
    """s (m, height, width) bool: a rectangle of at least one pixel is missing."""

    def between(size: int) -> Array:
        """(m, size) bool: the indices from one uniform index to another, both included."""
        ends = np.sort(rng.integers(size, size=(2, m)), axis=0)[:, :, None]
        index = np.arange(size)
        inside: Array = (ends[0] <= index) & (index <= ends[1])
        return inside

    rows, columns = between(height), between(width)
    missing: Array = rows[:, :, None] & columns[:, None, :]
    return ~missing


def half(rng: np.random.Generator, m: int, height: int, width: int) -> Array:
    """s (m, height, width) bool: the missing side is drawn, of left, right, top and bottom."""
    sides = np.stack([side(name, height, width) for name in SIDES])
    chosen: Array = sides[rng.integers(len(sides), size=m)]
    return chosen


def everything(rng: np.random.Generator, m: int, height: int, width: int) -> Array:
    """s (m, height, width) bool: nothing is observed."""
    return np.zeros((m, height, width), dtype=bool)


MASKS = {"pixels": pixels, "rectangle": rectangle, "half": half, "all": everything}


def draw_masks(
    rng: np.random.Generator, m: int, shape: tuple[int, ...], kinds: Sequence[str]
) -> Array:
    """s (m, n) float32 for m rows of the shape (height, width, channels) or (d,)."""
    height, width, channels = extents(shape)
    chosen = rng.integers(len(kinds), size=m)
    # Masks of every kind are drawn for every row, so the number of draws does not depend on them.
    s = np.stack([MASKS[kind](rng, m, height, width) for kind in kinds])[chosen, np.arange(m)]
    rows: Array = np.repeat(s.reshape(m, -1), channels, axis=1).astype(np.float32)
    return rows


def extents(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Height, width and channels; a point of d coordinates has 1, d and 1."""
    if len(shape) == 3:
        return shape
    return 1, math.prod(shape), 1


def side(name: str, height: int, width: int) -> Array:
    """s (height, width) bool: the side `name` of SIDES is missing, with half of the pixels.

    For an odd number of rows or columns, the middle one is observed.
    """
    s = np.ones((height, width), dtype=bool)
    rows, columns = height // 2, width // 2
    missing = {
        "left": s[:, :columns],
        "right": s[:, width - columns :],
        "top": s[:rows],
        "bottom": s[height - rows :],
    }
    missing[name][...] = False
    return s


def box(edges: Sequence[int], height: int, width: int) -> Array:
    """s (height, width) bool: rows R0 <= r < R1 and columns C0 <= c < C1 are missing.

    `edges` are R0 C0 R1 C1. Raises UserError if the rectangle is empty or not in the picture.
    """
    top, left, bottom, right = edges
    if not (0 <= top < bottom <= height and 0 <= left < right <= width):
        raise UserError(
            f"the rectangle {' '.join(map(str, edges))} is not in a picture of {height} rows and "
            f"{width} columns: give R0 C0 R1 C1 with 0 <= R0 < R1 <= {height} and "
            f"0 <= C0 < C1 <= {width}"
        )
    s = np.ones((height, width), dtype=bool)
    s[top:bottom, left:right] = False
    return s


def random_part(rng: np.random.Generator, fraction: float, height: int, width: int) -> Array:
    """s (height, width) bool: round(fraction of all) pixels are missing, at random places."""
    s = np.ones(height * width, dtype=bool)
    s[rng.permutation(len(s))[: round(fraction * len(s))]] = False
    return s.reshape(height, width)
