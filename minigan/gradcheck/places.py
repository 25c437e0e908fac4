"""Describe where a gradient is wrong: rows and columns, the sign of an input, a border, ...

    wrong = {i : x_i < 0}      wrong = rows x columns      wrong = {i : idx names i twice}

A condition is reported only if every wrong entry satisfies it, and no correct entry whose gradient
is not zero.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.comparison import ComparedEntries, Context
from minigan.gradcheck.factors import axes_text

# The ways to choose the wrong entries. If there are fewer, a condition may hold by chance.
ENOUGH_IF_COMMON, ENOUGH_IF_RARE = 20, 6
MOST_RANGES = 8
REPEATED = "that {} names more than once (np.add.at adds every occurrence, = and += only the last)"


def exact_place(row: ComparedEntries, wrong: Array, context: Context) -> str | None:
    """The condition that the entries `wrong` satisfy and the others do not, or None."""
    nonzero = wrong | (row.numeric != 0) | (row.values != 0)
    ways = math.comb(int(np.count_nonzero(nonzero)), int(np.count_nonzero(wrong)))
    rare = rare_conditions(row, wrong, context) if ways >= ENOUGH_IF_RARE else ()
    common = common_conditions(row, context) if ways >= ENOUGH_IF_COMMON else ()
    for text, inside in itertools.chain(rare, common):
        if np.array_equal(inside & nonzero, wrong):
            return f"{'exactly' if np.array_equal(inside, wrong) else 'only'} {text}"
    chosen = [np.unique(index[wrong]) for index in row.index]
    inside = np.all([np.isin(i, c) for i, c in zip(row.index, chosen, strict=True)], axis=0)
    if len(row.shape) < 2 or np.count_nonzero(wrong) < 2 or np.any((inside & nonzero) != wrong):
        return None
    lengths = [np.unique(index).size for index in row.index]
    parts = [slices_text(row, axis, c) for axis, c in enumerate(chosen) if c.size < lengths[axis]]
    return ", ".join(parts) or None


def masked(row: ComparedEntries, context: Context) -> str | None:
    """One of a and n is 0 where the other is not, and elsewhere they agree up to a factor."""
    for title, zero, other, names in (
        ("mask missing", np.abs(row.numeric) <= row.resolution, row.values, "numeric analytic"),
        ("unnecessary mask", row.values == 0, row.numeric, "analytic numeric"),
    ):
        hidden = zero & (np.abs(other) > row.error)
        factor = row.part(~zero).factor() if np.any(hidden) else None
        if factor is None or (factor.entries < 2 and not factor.equals(1.0)):
            continue
        place = exact_place(row, zero & (other != 0), context)
        fewer, more = names.split()
        return (
            f"{title}: the {fewer} gradient is 0 at {np.count_nonzero(hidden)} of {other.size} "
            f"entries, the {more} is not{f' ({place})' if place else ''}; elsewhere they agree"
        ) + ("" if factor.equals(1.0) else f" up to the factor {factor}")
    return None


def describe_place(row: ComparedEntries, wrong: Array, context: Context) -> str:
    """The exact place of these entries, or a few slices that contain them, or their indices."""
    exact = exact_place(row, wrong, context)
    if exact is not None:
        return exact
    chosen = [np.unique(index[wrong]) for index in row.index]
    if len(chosen) == 1:
        return f"at {ranges_text(chosen[0])}"
    fewest, axis = min((int(slices.size), axis) for axis, slices in enumerate(chosen))
    if fewest < min(row.shape[axis], int(np.count_nonzero(wrong))):
        return f"some entries of {slices_text(row, axis, chosen[axis])}"
    listed = [str(tuple(map(int, index))) for index in np.array(row.index).T[wrong]]
    return f"at {', '.join([*listed[:4], *['...'] * (len(listed) > 4)])}"


def rare_conditions(
    row: ComparedEntries, wrong: Array, context: Context
) -> Iterator[tuple[str, Array]]:
    """Conditions that rarely hold by chance, and the compared entries that satisfy them."""
    for name, array in context.arrays.items():
        if array.dtype.kind in "iu" and array.size:
            for axis, length in enumerate(row.shape):
                if -length <= array.min() and array.max() < length:
                    counts = np.bincount(array.reshape(-1) % length, minlength=length)
                    slices = "rows" if axis == 0 else f"slices of axis {axis}"
                    yield f"in the {slices} {REPEATED.format(name)}", counts[row.index[axis]] > 1
            if row.shape and array.shape == row.shape[:-1]:
                named = array[row.index[:-1]] % row.shape[-1] == row.index[-1]
                yield f"at the entries that {name} names in the last axis", named
        for t in aligned(array, row):
            value = t[np.argmax(wrong)]
            if value == 0 or np.count_nonzero(array == value) > 1:
                yield f"where {name} == {value:.6g}", t == value


def common_conditions(row: ComparedEntries, context: Context) -> Iterator[tuple[str, Array]]:
    """The sign of an array, a side of the diagonal, a border."""
    for name, array in context.arrays.items():
        for t in aligned(array, row):
            yield f"where {name} < 0", t < 0
            yield f"where {name} > 0", t > 0
    if len(row.shape) == 2:
        i, j = row.index
        yield from (("on the diagonal", i == j), ("above the diagonal", i < j))
        yield "below the diagonal", i > j
    long = [axis for axis, length in enumerate(row.shape) if length >= 4]
    for axes in itertools.chain.from_iterable(itertools.combinations(long, n) for n in (1, 2, 3)):
        edges = [np.isin(row.index[axis], (0, row.shape[axis] - 1)) for axis in axes]
        ends = ": first and last" if len(axes) == 1 else ""
        yield f"at the border of {axes_text(axes)}{ends}", np.any(edges, axis=0)


def aligned(array: Array, row: ComparedEntries) -> Iterator[Array]:
    """An array of the input's shape, or of its first or last axes, at the compared entries."""
    if array.ndim and array.dtype.kind in "fiub":
        if array.shape == row.shape[: array.ndim]:
            yield array[row.index[: array.ndim]]
        elif array.shape == row.shape[-array.ndim :]:
            yield array[row.index[-array.ndim :]]


def slices_text(row: ComparedEntries, axis: int, chosen: Array) -> str:
    """Slices of one axis: "row 2", "columns 4 to 7", "axis 2 at 0, 1"."""
    if len(row.shape) != 2:
        return f"axis {axis} at {ranges_text(chosen)}"
    return f"{('row', 'column')[axis]}{'s' * (chosen.size > 1)} {ranges_text(chosen)}"


def ranges_text(numbers: Array) -> str:
    """Ascending integers, with three or more successive ones as a range: "0, 4 to 7"."""
    texts: list[str] = []
    for run in np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1):
        texts += [f"{run[0]} to {run[-1]}"] if run.size > 2 else [str(number) for number in run]
    return ", ".join([*texts[:MOST_RANGES], *["..."] * (len(texts) > MOST_RANGES)])
