"""What is wrong with a gradient: the simple relations to the true one that really hold.

    analytic = -n,  c n,  n.T,  mask n,  n of another input, ...      n the numeric gradient

A relation is stated only if it fits every entry compared, to 1e-6 of the largest; if none fits, the
cosine of the angle between the two says how far apart they are.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.compared import FIT, Compared, cosine, ratio, same
from minigan.gradcheck.factors import Size, factor_name

IGNORED = "dy ignored: backward gives the same gradient for another dy"


def diagnose(
    row: Compared, others: Sequence[Compared], sizes: Sequence[Size], with_ones: Array | None
) -> str:
    """The relations that hold, in words.

    `with_ones` is the numeric gradient for dy = 1 at the entries compared, where backward has been
    seen to give the same gradient for another dy; None where it has not.
    """
    if row.analytic.shape != row.shape:
        return "; ".join([wrong_shape(row), *wrong_order(row, others)])
    if not np.any(row.values):
        return f"the analytic gradient is zero{everywhere(row)}, the numeric one is not"
    if np.max(np.abs(row.numeric), initial=0.0) <= row.resolution:
        return "the true gradient is zero, the analytic one is not"
    if row.fits(row.analytic):
        return "close, but not within the tolerance: no relation explains so small a difference"
    if with_ones is not None and same(row.values, with_ones, row.resolution):
        return f"{IGNORED}; the gradient is right for dy = 1 only"
    found = [
        *([] if with_ones is None else [f"{IGNORED}, and is wrong even for dy = 1"]),
        *wrong_order(row, others),
        *constant_factor(row, sizes),
        *transposed(row),
        *masks(row),
    ]
    found = found or list(only_somewhere(row, sizes))
    return "; ".join(found) if found else f"no simple relation; cosine {cosine(row):.2f}"


def everywhere(row: Compared) -> str:
    """' everywhere', or nothing for a single number."""
    return " everywhere" if row.shape else ""


def wrong_shape(row: Compared) -> str:
    """The shapes, and what makes the numbers right: a transposition, a sum, or another shape."""
    a, shape = row.analytic, row.shape
    text = f"the gradient has shape {a.shape}, {row.name} has shape {shape}"
    if a.shape != shape and row.fits(a.T):
        return f"transposed: {text}"
    if a.size == math.prod(shape) and row.fits(a.reshape(shape)):
        return f"right numbers in the wrong shape: {text}"
    summed = summed_axes(a.shape, shape)
    if summed and row.fits(a.sum(axis=summed).reshape(shape)):
        axes = "axis" if len(summed) == 1 else "axes"
        return f"missing sum over the broadcast {axes} {' and '.join(map(str, summed))}: {text}"
    return f"wrong shape: {text}"


def summed_axes(wide: tuple[int, ...], narrow: tuple[int, ...]) -> tuple[int, ...]:
    """The axes along which broadcasting `narrow` to `wide` repeats it; () if it cannot be."""
    padded = (1,) * (len(wide) - len(narrow)) + narrow
    if len(padded) != len(wide) or any(p not in (1, w) for p, w in zip(padded, wide, strict=True)):
        return ()
    extra = len(wide) - len(narrow)
    return tuple(i for i, w in enumerate(wide) if i < extra or (padded[i] == 1 and w != 1))


def wrong_order(row: Compared, others: Sequence[Compared]) -> Iterator[str]:
    """Gradients swapped: what backward gave for this input is the gradient of another one."""
    for other in others:
        if other.name != row.name and other.fits(row.analytic):
            yield f"wrong order: this is the gradient of {other.name}"


def constant_factor(row: Compared, sizes: Sequence[Size]) -> Iterator[str]:
    """analytic = c numeric, with c named."""
    c = ratio(row.values, row.numeric, row.resolution)
    name = factor_name(c, sizes, bool(np.count_nonzero(row.numeric) < 2)) if c is not None else None
    if name is not None:
        yield name


def transposed(row: Compared) -> Iterator[str]:
    """analytic = numeric with its axes permuted (which keeps the shape)."""
    for axes in itertools.permutations(range(min(row.analytic.ndim, 4))):
        if len(axes) == row.analytic.ndim and row.fits(row.analytic.transpose(axes)):
            detail = "" if len(axes) == 2 else f" (axes {axes} of it are right)"
            yield f"transposed{detail}"
            return


def masks(row: Compared) -> Iterator[str]:
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
            "mask too many",
            "the analytic gradient is 0 at {} of {} entries, the numeric is not",
        ),
    ):
        closed = np.abs(fewer) <= (row.resolution if fewer is n else 0.0)
        hidden = np.count_nonzero(closed & (np.abs(more) > row.resolution))
        c = ratio(a[~closed], n[~closed], row.resolution) if hidden else None
        if c is None or (np.count_nonzero(~closed) < 2 and abs(c - 1) > FIT):
            continue
        elsewhere = "agree" if abs(c - 1) <= FIT else f"agree up to the factor {c:.6g}"
        yield f"{name}: {text.format(hidden, a.size)}; elsewhere they {elsewhere}"


def only_somewhere(row: Compared, sizes: Sequence[Size]) -> Iterator[str]:
    """Wrong in at most half of the entries: which, and what holds there."""
    a, n, bad = row.values, row.numeric, row.bad
    if not 0 < np.count_nonzero(bad) <= bad.size / 2 or not np.any(n[~bad]):
        return
    c = ratio(a[bad], n[bad], row.resolution)
    name = factor_name(c, sizes, bool(np.count_nonzero(n[bad]) < 2)) if c is not None else None
    there = f"; there, {name}" if name is not None else ""
    count = np.count_nonzero(bad)
    yield f"wrong at {count} of {bad.size} entries only, {places(row)}{there}"


def places(row: Compared) -> str:
    """Where the bad entries lie: all or some of a few slices of one axis, or a list of indices."""
    indices = np.array(np.unravel_index(row.entries, row.shape)).T
    wrong = indices[row.bad]
    slices = [np.unique(wrong[:, axis]) for axis in range(len(row.shape))]
    axis = min(range(len(slices)), key=lambda axis: slices[axis].size, default=0)
    if len(row.shape) > 1 and slices[axis].size < min(row.shape[axis], len(wrong)):
        inside = np.count_nonzero(np.isin(indices[:, axis], slices[axis]))
        extent = "all" if inside == len(wrong) else "some"
        more = ", ..." if slices[axis].size > 8 else ""
        return f"{extent} of axis {axis} at {', '.join(map(str, slices[axis][:8]))}{more}"
    listed = ", ".join(str(tuple(map(int, index))) for index in wrong[:4])
    return f"at {listed}" + (", ..." if len(wrong) > 4 else "")
