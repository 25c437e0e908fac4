"""Describe a constant factor c in  analytic = c * numeric.

    c = -1 : wrong sign      c = N : sum instead of mean      c = 1/N : mean instead of sum

N is the length of an axis, or the number of entries, of an input or of y.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

CLOSE = 1e-6  # relative: the accuracy of central differences
LARGEST_DENOMINATOR = 16


@dataclass(frozen=True)
class Size:
    """A number of terms that a sum may have, and what that number is."""

    count: int
    meaning: str


def sizes_of(arrays: Sequence[tuple[str, tuple[int, ...]]]) -> list[Size]:
    """The lengths of all axes, then the sizes, of named shapes (the inputs in order, then y).

    The first axis of the first array with two or more axes is called the batch.
    """
    found: list[Size] = []
    rows = next(((name, shape) for name, shape in arrays if len(shape) >= 2), None)
    if rows is not None:
        found.append(Size(rows[1][0], f"the batch size (axis 0 of {rows[0]})"))
    for name, shape in arrays:
        if len(shape) == 1:
            found.append(Size(shape[0], f"the length of {name}"))
        else:
            found += [Size(n, f"the length of axis {i} of {name}") for i, n in enumerate(shape)]
    found += [Size(math.prod(shape), f"the number of entries of {name}") for name, shape in arrays]
    return [size for size in found if size.count > 1]


def describe_factor(c: float, sizes: Sequence[Size], only_entry: bool) -> str | None:
    """A description of the factor, or None.

    With `only_entry`, c was fitted to a single entry, and some c always fits one entry. Then only
    -1, 2, 1/2 and the sizes, with either sign, are described.
    """
    sign, size = ("wrong sign and ", abs(c)) if c < 0 else ("", abs(c))
    if close_to(c, -1.0):
        return "wrong sign: analytic = -1 x numeric"
    for mistake, value in (("sum instead of mean", size), ("mean instead of sum", 1 / size)):
        meaning = next((s.meaning for s in sizes if close_to(value, s.count)), None)
        if meaning is not None:
            n = round(value)
            if mistake == "sum instead of mean":
                exact = f"the factor is {n}, {meaning}"
            else:
                exact = f"the factor is 1/{n}, one over {meaning}"
            either = f"constant factor {fraction_text(size)}, or " if n == 2 else ""
            return f"{sign}{either}{mistake}: {exact}"
    if only_entry and not any(close_to(size, usual) for usual in (2.0, 0.5)):
        return None
    return f"{sign}constant factor {fraction_text(size)}: analytic = {fraction_text(c)} x numeric"


def fraction_text(c: float) -> str:
    """c as a fraction with a denominator of at most 16 if it is one, else with six digits."""
    simple = Fraction(c).limit_denominator(LARGEST_DENOMINATOR)
    return str(simple) if simple and close_to(c, float(simple)) else f"{c:.6g}"


def close_to(a: float, b: float) -> bool:
    """Is |a - b| <= 1e-6 |b|, the accuracy of a central difference?"""
    return abs(a - b) <= CLOSE * abs(b)
