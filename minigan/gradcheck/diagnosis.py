"""Diagnose a wrong gradient: find the simple relations between it and the numeric one.

    analytic = -n,  c n,  n.T,  mask n,  n of another input, n + c x, ...    n the numeric gradient

A relation is reported only if it holds at all compared entries, to the error of the numeric method.
If none holds, the cosine of the angle between the two gradients is reported.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from minigan.gradcheck.comparison import ComparedEntries, Context, proportional
from minigan.gradcheck.factors import axes_text
from minigan.gradcheck.places import describe_place, exact_place, masked
from minigan.gradcheck.relations import (
    Relation,
    added_term,
    another_array,
    constant_factor,
    jacobian_not_transposed,
    rearranged,
    slice_factors,
    times_array,
)

MOST_RELATIONS = 2
SMALL = 1e-6  # of the largest entry: an error of smaller entries is reported as such


@np.errstate(all="ignore")
def diagnose(row: ComparedEntries, others: Sequence[ComparedEntries], context: Context) -> str:
    """The relations that hold, as text: at most two, the most specific ones first."""
    if row.analytic.shape != row.shape:
        return "; ".join([wrong_shape(row), *wrong_order(row, others)])
    if not np.any(row.values):
        everywhere = " everywhere" if row.shape else ""
        return f"the analytic gradient is zero{everywhere}, the numeric one is not"
    if np.all(np.abs(row.numeric) <= row.resolution):
        accuracy = "numeric gradient is zero to its accuracy"
        zero = accuracy if np.any(row.numeric) else "true gradient is zero"
        return f"the {zero}, the analytic one is not"
    if small := small_entries(row):
        return small
    if row.fits(row.analytic):
        return "close, but not within the tolerance: no relation explains so small a difference"
    found = [
        *wrong_order(row, others),
        *texts(row, context, constant_factor, jacobian_not_transposed, rearranged),
    ]
    if not found:
        stages = (texts(row, context, *stage) for stage in STAGES)
        found = next(filter(None, stages), []) + texts(row, context, another_array)
    return "; ".join(found[:MOST_RELATIONS]) or f"no simple relation; {angle_text(row)}"


def texts(row: ComparedEntries, context: Context, *relations: Relation) -> list[str]:
    """The relations that hold."""
    return [text for relation in relations if (text := relation(row, context)) is not None]


def angle_text(row: ComparedEntries) -> str:
    """The cosine of the angle between the two gradients; its distance from 1 if that is small. Of
    single numbers, the quotient."""
    if row.values.size == 1:
        return f"analytic / numeric is {(row.values / row.numeric)[0]:.6g}"
    a, n = (v / np.max(np.abs(v)) for v in (row.values, row.numeric))
    difference = a / np.linalg.norm(a) - n / np.linalg.norm(n)
    distance = float(np.sum(difference**2)) / 2  # has correct digits even if the cosine is near 1
    return f"1 - cosine {distance:.1e}" if 0 < distance < 1e-2 else f"cosine {1 - distance:.2f}"


def small_entries(row: ComparedEntries) -> str | None:
    """All wrong entries are far below the largest one."""
    a, n, bad = row.values[row.bad], row.numeric[row.bad], row.bad
    limit = np.max(np.abs([a, n]), initial=0.0) / np.max(np.abs(row.numeric))
    if not 0 < limit <= SMALL or np.all(bad):
        return None
    digits = "no correct digit" if np.all(np.abs(a - n) >= 0.5 * np.abs(n)) else "too few digits"
    below = f"below 1e{math.floor(math.log10(limit)) + 1} of the largest"
    return f"wrong at {a.size} of {bad.size} entries only, all {below}: {digits} there"


def wrong_shape(row: ComparedEntries) -> str:
    """The shapes, and the operation that would correct them: a transposition, sum or reshape."""
    a, shape = row.analytic, row.shape
    text = f"the gradient has shape {a.shape}, {row.name} has shape {shape}"
    if row.fits(a.T):
        return f"transposed: {text}"
    if a.size == math.prod(shape) and row.fits(a.reshape(shape)):
        return f"correct numbers in the wrong shape: {text}"
    summed = summed_axes(a.shape, shape)
    if summed and row.fits(a.sum(axis=summed).reshape(shape)):
        return f"missing sum over the broadcast {axes_text(summed)}: {text}"
    return f"wrong shape: {text}"


def summed_axes(wide: tuple[int, ...], narrow: tuple[int, ...]) -> tuple[int, ...]:
    """The axes that broadcasting `narrow` to `wide` repeats; () if it cannot be broadcast."""
    extra = len(wide) - len(narrow)
    padded = (1,) * extra + narrow
    if extra < 0 or any(p not in (1, w) for p, w in zip(padded, wide, strict=True)):
        return ()
    return tuple(i for i, w in enumerate(wide) if i < extra or padded[i] != w)


def wrong_order(row: ComparedEntries, others: Sequence[ComparedEntries]) -> Iterator[str]:
    """backward returned the gradient of another input."""
    for other in others:
        if other.name != row.name and other.fits(row.analytic):
            yield f"wrong order: this is the gradient of {other.name}"


def partly_wrong(row: ComparedEntries, context: Context) -> str | None:
    """At most half of the entries are wrong: which ones, and the relation that holds there."""
    few = 0 < 2 * np.count_nonzero(row.bad) <= row.bad.size
    return wrong_places(row, describe_place(row, row.bad, context), context) if few else None


def mostly_wrong(row: ComparedEntries, context: Context) -> str | None:
    """Some entries are correct: the condition that the wrong ones satisfy."""
    return wrong_places(row, exact_place(row, row.bad, context), context)


def wrong_places(row: ComparedEntries, place: str | None, context: Context) -> str | None:
    """The place of the wrong entries, if there are correct ones whose gradient is not zero."""
    if place is None or not np.any(~row.bad & (np.abs(row.numeric) > row.error)):
        return None
    wrong = row.part(row.bad)
    text = f"wrong at {wrong.numeric.size} of {row.bad.size} entries only, {place}"
    fit = proportional(wrong.values - wrong.numeric, np.ones(wrong.numeric.size), 0.0, wrong.error)
    if factor := constant_factor(wrong, context):
        return f"{text}; there, {factor}"
    if fit and fit.convincing:
        return f"{text}; there, analytic = numeric + {fit.factors[0]}"
    return text


# A stage is tried if no relation of an earlier one holds.
STAGES: tuple[tuple[Relation, ...], ...] = (
    (masked, times_array),
    (partly_wrong,),
    (slice_factors,),
    (mostly_wrong, added_term),
)
