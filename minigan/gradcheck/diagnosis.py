"""Diagnose a wrong gradient: find the simple relations between it and the numeric one.

    analytic = -n,  c n,  n.T,  mask n,  n of another input, ...      n the numeric gradient

A relation is reported only if it holds at all compared entries, to 1e-6 of the largest. If none
holds, the cosine of the angle between the two gradients is reported.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.comparison import (
    FIT,
    ComparedEntries,
    constant_ratio,
    cosine,
    nearly_equal,
)
from minigan.gradcheck.factors import Size, describe_factor

DY_IGNORED = "dy ignored: backward returns the same gradient for another dy"


def diagnose(
    row: ComparedEntries,
    others: Sequence[ComparedEntries],
    sizes: Sequence[Size],
    for_unit_dy: Array | None,
) -> str:
    """The relations that hold, as text.

    `for_unit_dy` is the numeric gradient for dy = 1 at the compared entries. It is given where
    backward returned the same gradient for another dy, and None otherwise.
    """
    if row.analytic.shape != row.shape:
        return "; ".join([wrong_shape(row), *wrong_order(row, others)])
    if not np.any(row.values):
        everywhere = " everywhere" if row.shape else ""
        return f"the analytic gradient is zero{everywhere}, the numeric one is not"
    if np.max(np.abs(row.numeric), initial=0.0) <= row.resolution:
        return "the true gradient is zero, the analytic one is not"
    if row.fits(row.analytic):
        return "close, but not within the tolerance: no relation explains so small a difference"
    if for_unit_dy is not None and nearly_equal(row.values, for_unit_dy, row.resolution):
        return f"{DY_IGNORED}; the gradient is correct for dy = 1 only"
    found = [
        *([] if for_unit_dy is None else [f"{DY_IGNORED}, and is wrong even for dy = 1"]),
        *wrong_order(row, others),
        *constant_factor(row, sizes),
        *transposed(row),
        *mask_relation(row),
    ]
    found = found or list(partly_wrong(row, sizes))
    return "; ".join(found) if found else f"no simple relation; cosine {cosine(row):.2f}"


def wrong_shape(row: ComparedEntries) -> str:
    """The shapes, and the operation that would correct them: a transposition, sum or reshape."""
    a, shape = row.analytic, row.shape
    text = f"the gradient has shape {a.shape}, {row.name} has shape {shape}"
    if a.shape != shape and row.fits(a.T):
        return f"transposed: {text}"
    if a.size == math.prod(shape) and row.fits(a.reshape(shape)):
        return f"correct numbers in the wrong shape: {text}"
    summed = summed_axes(a.shape, shape)
    if summed and row.fits(a.sum(axis=summed).reshape(shape)):
        axes = "axis" if len(summed) == 1 else "axes"
        return f"missing sum over the broadcast {axes} {' and '.join(map(str, summed))}: {text}"
    return f"wrong shape: {text}"


def summed_axes(wide: tuple[int, ...], narrow: tuple[int, ...]) -> tuple[int, ...]:
    """The axes that broadcasting `narrow` to `wide` repeats; () if it cannot be broadcast."""
    padded = (1,) * (len(wide) - len(narrow)) + narrow
    if len(padded) != len(wide) or any(p not in (1, w) for p, w in zip(padded, wide, strict=True)):
        return ()
    extra = len(wide) - len(narrow)
    return tuple(i for i, w in enumerate(wide) if i < extra or (padded[i] == 1 and w != 1))


def wrong_order(row: ComparedEntries, others: Sequence[ComparedEntries]) -> Iterator[str]:
    """backward returned the gradient of another input."""
    for other in others:
        if other.name != row.name and other.fits(row.analytic):
            yield f"wrong order: this is the gradient of {other.name}"


def constant_factor(row: ComparedEntries, sizes: Sequence[Size]) -> Iterator[str]:
    """analytic = c numeric, with a description of c."""
    text = factor_text(row.values, row.numeric, row.resolution, sizes)
    if text is not None:
        yield text


def factor_text(a: Array, n: Array, resolution: float, sizes: Sequence[Size]) -> str | None:
    """The description of c where a = c n; None if there is no c or no description of it."""
    c = constant_ratio(a, n, resolution)
    return None if c is None else describe_factor(c, sizes, bool(np.count_nonzero(n) < 2))


def transposed(row: ComparedEntries) -> Iterator[str]:
    """analytic = numeric with its axes permuted, where the permutation keeps the shape."""
    for axes in itertools.permutations(range(min(row.analytic.ndim, 4))):
        if len(axes) == row.analytic.ndim and row.fits(row.analytic.transpose(axes)):
            detail = "" if len(axes) == 2 else f" (correct after transpose{axes})"
            yield f"transposed{detail}"
            return


def mask_relation(row: ComparedEntries) -> Iterator[str]:
    """One of the two is 0 where the other is not, and elsewhere they agree up to a factor."""
    a, n = row.values, row.numeric
    for fewer, more, name, text in (
        (
            n,
            a,
            "mask missing",
            "the numeric gradient is 0 at {} of {} entries, the analytic is not",
        ),
        (
            a,
            n,
            "unnecessary mask",
            "the analytic gradient is 0 at {} of {} entries, the numeric is not",
        ),
    ):
        closed = np.abs(fewer) <= (row.resolution if fewer is n else 0.0)
        hidden = np.count_nonzero(closed & (np.abs(more) > row.resolution))
        c = constant_ratio(a[~closed], n[~closed], row.resolution) if hidden else None
        if c is None or (np.count_nonzero(~closed) < 2 and abs(c - 1) > FIT):
            continue
        elsewhere = "agree" if abs(c - 1) <= FIT else f"agree up to the factor {c:.6g}"
        yield f"{name}: {text.format(hidden, a.size)}; elsewhere they {elsewhere}"


def partly_wrong(row: ComparedEntries, sizes: Sequence[Size]) -> Iterator[str]:
    """At most half of the entries are wrong: which ones, and the relation that holds there."""
    a, n, bad = row.values, row.numeric, row.bad
    if not 0 < np.count_nonzero(bad) <= bad.size / 2 or not np.any(n[~bad]):
        return
    text = factor_text(a[bad], n[bad], row.resolution, sizes)
    relation = f"; there, {text}" if text is not None else ""
    count = np.count_nonzero(bad)
    yield f"wrong at {count} of {bad.size} entries only, {describe_positions(row)}{relation}"


def describe_positions(row: ComparedEntries) -> str:
    """The positions of the bad entries: all or some of a few slices of one axis, or indices."""
    indices = np.array(np.unravel_index(row.entries, row.shape)).T
    wrong = indices[row.bad]
    slices = [np.unique(wrong[:, axis]) for axis in range(len(row.shape))]
    axis = min(range(len(slices)), key=lambda axis: slices[axis].size, default=0)
    if len(row.shape) > 1 and slices[axis].size < min(row.shape[axis], len(wrong)):
        inside = np.count_nonzero(np.isin(indices[:, axis], slices[axis]))
        quantity = "all" if inside == len(wrong) else "some"
        more = ", ..." if slices[axis].size > 8 else ""
        return f"{quantity} of axis {axis} at {', '.join(map(str, slices[axis][:8]))}{more}"
    listed = ", ".join(str(tuple(map(int, index))) for index in wrong[:4])
    return f"at {listed}" + (", ..." if len(wrong) > 4 else "")
