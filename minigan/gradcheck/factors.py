"""Which constant is it? The name of a factor c in  analytic = c * numeric.

    c = -1 : wrong sign      c = N : sum instead of mean      c = 1/N : mean instead of sum

N is the length of an axis or the number of entries of an array in sight.
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
    """A number of things that a sum could run over, and what to call it."""

    count: int
    meaning: str


def sizes_of(arrays: Sequence[tuple[str, tuple[int, ...]]]) -> list[Size]:
    """The lengths of all axes, then the sizes, of named shapes (the inputs in order, then y).

    By convention the first axis of the first array with two or more axes is the batch.
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


def factor_name(c: float, sizes: Sequence[Size], only_entry: bool) -> str | None:
    """The factor in words; None for an odd number fitted to one entry, which any number fits."""
    sign, size = ("wrong sign and ", abs(c)) if c < 0 else ("", abs(c))
    if near(c, -1.0):
        return "wrong sign: analytic = -1 x numeric"
    for mistake, value in (("sum instead of mean", size), ("mean instead of sum", 1 / size)):
        meaning = next((s.meaning for s in sizes if near(value, s.count)), None)
        if meaning is not None:
            n = round(value)
            if mistake == "sum instead of mean":
                exact = f"the factor is {n}, {meaning}"
            else:
                exact = f"the factor is 1/{n}, one over {meaning}"
            either = f"constant factor {fraction(size)}, or " if n == 2 else ""
            return f"{sign}{either}{mistake}: {exact}"
    if only_entry and not any(near(size, usual) for usual in (2.0, 0.5)):
        return None
    return f"{sign}constant factor {fraction(size)}: analytic = {fraction(c)} x numeric"


def fraction(c: float) -> str:
    """c as a small fraction where it is one, else with six digits."""
    simple = Fraction(c).limit_denominator(LARGEST_DENOMINATOR)
    return str(simple) if simple and near(c, float(simple)) else f"{c:.6g}"


def near(a: float, b: float) -> bool:
    """Equal as far as a central difference can tell."""
    return abs(a - b) <= CLOSE * abs(b)
