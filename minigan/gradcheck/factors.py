"""Describe a constant factor c in  analytic = c * numeric.

    c = -1: wrong sign      c = p/q      c = n, 1/n, sqrt(n), ... for a length n, or an input

A length or an input that equals the factor is mentioned as a fact: it may be a coincidence.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

LARGEST_DENOMINATOR = 16
MOST_SIZES = 3
# A factor that a length n may cause, the text about n, and the possible mistake.
LENGTH_FORMS: tuple[tuple[Callable[[float], float], str], ...] = (
    (lambda n: n, "{n} is {of}: perhaps a sum where forward takes the mean"),
    (lambda n: 1 / n, "{n} is {of}: perhaps a mean where forward sums"),
    (lambda n: n**0.5, "the factor is the square root of {n}, {of}"),
    (lambda n: n**-0.5, "the factor is one over the square root of {n}, {of}"),
    (lambda n: n / (n - 1), "the factor is n / (n - 1), where n = {n} is {of}"),
    (lambda n: (n - 1) / n, "the factor is (n - 1) / n, where n = {n} is {of}"),
)
# Functions of an input v that a gradient may be multiplied by.
POWERS: tuple[tuple[str, Callable[[Any], Any]], ...] = (
    ("{}", lambda v: v),
    ("1 / {}", lambda v: 1 / v),
    ("1 - {}", lambda v: 1 - v),
    ("{}**2", lambda v: v**2),
    ("1 / {}**2", lambda v: v**-2.0),
    ("sqrt({})", lambda v: abs(v) ** 0.5),
    ("1 / sqrt({})", lambda v: abs(v) ** -0.5),
)


@dataclass(frozen=True)
class Size:
    """A number of terms that a sum may have, and what that number is."""

    count: int
    meaning: str


@dataclass(frozen=True)
class Factor:
    """A number c that was fitted to `entries` numbers; its relative error is at most `error`."""

    c: float
    error: float
    entries: int = 2

    def equals(self, value: float) -> bool:
        """Does the factor equal `value`, as far as it is known?"""
        return abs(self.c - value) <= self.error * abs(self.c)

    def __str__(self) -> str:
        """A fraction if c is one, otherwise a decimal that differs from nearby fractions."""
        c = self.c
        simple = Fraction(c).limit_denominator(LARGEST_DENOMINATOR)
        if 0 < abs(c) < 1 / LARGEST_DENOMINATOR:
            simple = Fraction(1, round(1 / c))
        # If the error is near the distance of two such fractions, any number equals one of them.
        distance = 1 / (simple.denominator * max(simple.denominator, LARGEST_DENOMINATOR))
        known = self.error * abs(c) < 1e-2 * distance
        if known and self.equals(float(simple)):
            decimal = simple.denominator > LARGEST_DENOMINATOR and self.equals(float(f"{c:.1g}"))
            return f"{c:.1g}" if decimal else str(simple)
        allowed = abs(c - float(simple)) / 10 if known else math.inf
        texts = (f"{c:.{digits}g}" for digits in range(6, 18))
        return next(text for text in texts if abs(float(text) - c) <= allowed)

    def times(self, what: str) -> str:
        """The product with a name: "2 * x", "-x", "x"."""
        signs = [sign for sign, one in (("", 1.0), ("-", -1.0)) if self.equals(one)]
        return f"{signs[0]}{what}" if signs else f"{self} * {what}"


def axes_text(axes: Sequence[int]) -> str:
    """Axes as text: "axis 0", "axes 0 and 1", "axes 0, 1 and 2"."""
    *first, last = map(str, axes)
    return f"axes {', '.join(first)} and {last}" if first else f"axis {last}"


def sizes_of(arrays: Sequence[tuple[str, tuple[int, ...]]]) -> list[Size]:
    """The number of terms of a sum over one axis, or several, of arrays with these shapes."""
    found = [
        (axes, math.prod(shape[axis] for axis in axes), name)
        for count in range(1, 5)
        for name, shape in arrays
        for axes in itertools.combinations(range(len(shape)), count)
    ]
    return [
        Size(n, f"the {'length' if len(axes) == 1 else 'size'} of {axes_text(axes)} of {name}")
        for axes, n, name in found
        if n > 1
    ]


def describe_factor(
    factor: Factor, sizes: Sequence[Size] = (), scalars: Mapping[str, float] | None = None
) -> str | None:
    """A description of the factor, or None.

    Some factor always fits a single entry. Then only -1, 2, 1/2 and the sizes, with either sign,
    are described.
    """
    if factor.equals(-1.0):
        return "wrong sign: analytic = -numeric"
    size = Factor(abs(factor.c), factor.error)
    facts = ["perhaps accumulated twice"] if size.equals(2.0) else []
    facts += length_facts(size, sizes, LENGTH_FORMS[: 2 if factor.entries < 2 else None])
    if factor.entries < 2 and not facts and not size.equals(0.5):
        return None
    facts += [
        f"{size} is {form.format(name)}"
        for name, value in (scalars or {}).items()
        for form, function in POWERS
        if abs(value) not in (0.0, 1.0) and size.equals(abs(function(value)))
    ]
    sign = "wrong sign and " if factor.c < 0 else ""
    return "; ".join(
        [f"{sign}constant factor {size}: analytic = {factor.times('numeric')}", *facts]
    )


def length_facts(
    factor: Factor, sizes: Sequence[Size], forms: Sequence[tuple[Callable[[float], float], str]]
) -> Iterator[str]:
    """The lengths from which the factor may have been computed."""
    for value, text in forms:
        equal = [size for size in sizes if factor.equals(value(size.count))]
        if equal:
            of = " and ".join(size.meaning for size in equal[:MOST_SIZES])
            yield text.format(n=equal[0].count, of=of)
            return
