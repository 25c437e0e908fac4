"""Relations between the analytic gradient a and the numeric gradient n, at all compared entries.

    a = c n      a = n rearranged      a = n t      a = n / t      a = n + c t      a = c t

t is an input, y or dy; c is one number, or one for each slice of an axis. Each function returns the
text of the first relation that holds, or None.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.comparison import ComparedEntries, Context, proportional
from minigan.gradcheck.factors import POWERS, Factor, axes_text, describe_factor

Relation = Callable[[ComparedEntries, Context], str | None]
# Functions of an array t of the input's shape in a = n f(t) and a = n / f(t).
FUNCTIONS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("{}", lambda t: t),
    ("(1 - {})", lambda t: 1 - t),
    ("(1 + {})", lambda t: 1 + t),
    ("{}**2", lambda t: t**2),
    ("(1 - {}**2)", lambda t: 1 - t**2),
)
MOST_LISTED = 6


def constant_factor(row: ComparedEntries, context: Context) -> str | None:
    """a = c n, with a description of c."""
    factor = row.factor()
    scalars = {name: float(t.item()) for name, t in context.arrays.items() if t.size == 1}
    return None if factor is None else describe_factor(factor, context.sizes, scalars)


def jacobian_not_transposed(row: ComparedEntries, context: Context) -> str | None:
    """a = J dy, where n = J^T dy."""
    product = None if context.forward_product is None else row.at(context.forward_product())
    text = "J dy instead of J^T dy: backward multiplies dy by the Jacobian, not by its transpose"
    return text if product is not None and row.near(row.values - product) else None


def rearranged(row: ComparedEntries, _: Context) -> str | None:
    """a = n with its axes permuted, reversed or rolled, perhaps up to a factor."""
    for text, gradient in rearrangements(row):
        factor = row.factor(row.at(gradient)) if gradient.shape == row.shape else None
        if factor is None or factor.entries < 2:
            continue
        if factor.equals(1.0):
            return text
        if factor.entries >= 4 and row.factor() is None:
            return f"{text}, and multiplied by {factor}"
    return shifted(row)


def rearrangements(row: ComparedEntries) -> Iterator[tuple[str, Array]]:
    """The gradients that would be correct if a were permuted, flipped or rolled."""
    a, axes = row.analytic, range(row.analytic.ndim)
    for order in itertools.permutations(axes) if a.ndim <= 4 else ():
        if order != tuple(axes):
            detail = "" if a.ndim == 2 else f" (correct after transpose{order})"
            yield f"transposed{detail}", a.transpose(order)
    for count in range(1, min(a.ndim, 4) + 1):
        for some in itertools.combinations(axes, count):
            yield f"flipped along {axes_text(some)}", np.flip(a, some)
    for k, axis in possible_steps(row):
        yield f"rolled by {k} along axis {axis}", np.roll(a, -k, axis)


def possible_steps(row: ComparedEntries) -> Iterator[tuple[int, int]]:
    """Steps k along an axis that make a correct at the largest n in the first or second half."""
    for axis, length in enumerate(row.shape):
        first = 2 * row.index[axis] < length
        for half in (first, ~first):
            largest = int(np.argmax(np.abs(row.numeric) * half))
            place = [int(index[largest]) for index in row.index]
            line = np.moveaxis(row.analytic, axis, -1)[(*place[:axis], *place[axis + 1 :])]
            equal = np.flatnonzero(np.abs(line - row.numeric[largest]) <= row.error[largest])
            for k in (equal[:4] - place[axis]).tolist():
                yield (k + length // 2) % length - length // 2, axis


def shifted(row: ComparedEntries) -> str | None:
    """a = n shifted by k along an axis. Nothing is known about the k slices at the end."""
    for k, axis in possible_steps(row):
        source = row.index[axis] + k
        inside = (source >= 0) & (source < row.shape[axis])
        moved = row.at(np.roll(row.analytic, -k, axis))
        if np.count_nonzero(row.bad & inside) > max(2, row.bad.size // 2) and row.near(
            np.where(inside, moved - row.numeric, 0.0)
        ):
            return f"shifted by {k} along axis {axis}"
    return None


def times_array(row: ComparedEntries, context: Context) -> str | None:
    """a = c n f(t) or a = c n / f(t)."""
    arrays = context.like(row.shape).items()
    for (name, t), (form, function) in itertools.product(arrays, FUNCTIONS):
        f = function(row.at(t))
        for sign, power in (("*", 1.0), ("/", -1.0)):
            g = f**power
            fit = proportional(row.values, row.numeric * g, row.error * np.abs(g))
            if fit and fit.factors[0].entries >= 3:
                return f"analytic = {fit.factors[0].times('numeric')} {sign} {form.format(name)}"
    return None


def groups_of(row: ComparedEntries) -> Iterator[tuple[str, str, Array, int]]:
    """Slices and lines: their name, the direction in which they extend, labels and the axis."""
    axes = range(len(row.shape))
    for axis in axes:
        names = (f"slice of axis {axis}", f"in each slice of axis {axis}")
        rows = (("row", "column")[axis % 2], f"along axis {1 - axis}")
        yield *(rows if len(axes) == 2 else names), row.index[axis], axis
    for axis in axes[: len(axes) if len(axes) > 2 else 0]:
        start = [0 * i if k == axis else i for k, i in enumerate(row.index)]
        _, labels = np.unique(np.ravel_multi_index(start, row.shape), return_inverse=True)
        yield f"line along axis {axis}", f"along axis {axis}", labels, -1


def slice_factors(row: ComparedEntries, context: Context) -> str | None:
    """a = c_k n, with a factor for each slice k of an axis; the factors may equal an input."""
    for each, _, labels, axis in groups_of(row):
        fit = proportional(row.values, row.numeric, row.error, groups=labels)
        if fit is None or not fit.convincing:
            continue
        for (name, t), (form, function) in itertools.product(context.arrays.items(), POWERS):
            if axis >= 0 and t.size == row.shape[axis] and t.dtype.kind == "f":
                pairs = zip(fit.factors, function(t.reshape(-1)), strict=False)
                if all(factor.equals(value) for factor, value in pairs if factor.entries):
                    return f"the factor of each {each} is {form.format(name)}"
        few = len(fit.factors) <= MOST_LISTED and all(factor.entries for factor in fit.factors)
        listed = ": " + ", ".join(map(str, fit.factors)) if few else ""
        return f"analytic = numeric times a factor for each {each}{listed}"
    return None


def terms_of(row: ComparedEntries, context: Context) -> dict[str, Array]:
    """Arrays that a term of a gradient may equal, at the compared entries: t and dy * t."""
    terms = {name: row.at(t) for name, t in context.like(row.shape).items()}
    dy = terms.get("dy")
    more = {f"dy * {name}": dy * t for name, t in terms.items() if dy is not None and name != "dy"}
    return terms | more


def added_term(row: ComparedEntries, context: Context) -> str | None:
    """a = n + c t, with one c or one for each slice or line; t may be 1 or the sign of an array."""
    signs = {f"sign({name})": np.sign(row.at(t)) for name, t in context.like(row.shape).items()}
    terms = {"": np.ones(row.numeric.size)} | terms_of(row, context) | signs
    groups = [(along, labels) for _, along, labels, _ in groups_of(row)]
    for (along, labels), (name, t) in itertools.product([("", None), *groups], terms.items()):
        fit = proportional(row.values - row.numeric, t, error_a=row.error, groups=labels)
        if not fit or not fit.convincing:
            continue
        if not along:
            factor = Factor(abs(fit.factors[0].c), fit.factors[0].error)
            term = factor.times(name) if name else f"{factor} everywhere"
            return f"analytic = numeric {'-' if fit.factors[0].c < 0 else '+'} {term}"
        number = f"{name} times a number that is constant" if name else "constant"
        cause = "" if name else ": perhaps the term of a sum or mean is missing"
        return f"analytic - numeric is {number} {along}{cause}"
    return None


def another_array(row: ComparedEntries, context: Context) -> str | None:
    """a = c t, whatever n is."""
    for name, t in terms_of(row, context).items():
        fit = proportional(row.values, t)
        if fit and fit.convincing:
            return f"analytic = {fit.factors[0].times(name)}"
    return None
