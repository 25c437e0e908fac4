"""The gradient of one input at the compared entries, and the test whether arrays are proportional.

    a = c b with one c for each group of entries:  |a_i - c b_i| <= error of a_i + |c| error of b_i

Every relation is tested to the error of the numeric method: a relation that holds to fewer digits
than are known is false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.factors import Factor, Size

FIT = 1e-10  # of max|numeric|: the smallest error that is assumed
ROUNDING = 1e-12  # of max|analytic|: the rounding error of backward


@dataclass(frozen=True)
class Context:
    """What a gradient may depend on: the inputs, y and dy by name, and lengths of their axes.

    `forward_product` computes J v for v = dy, where J is the Jacobian of y with respect to x. It is
    None if x and y differ in size.
    """

    arrays: Mapping[str, Array] = field(default_factory=dict)
    sizes: Sequence[Size] = ()
    forward_product: Callable[[], Array] | None = None

    def like(self, shape: tuple[int, ...]) -> dict[str, Array]:
        """The floating arrays of this shape."""
        items = self.arrays.items()
        return {name: t for name, t in items if t.shape == shape and t.dtype.kind == "f"}


@dataclass(frozen=True)
class ComparedEntries:
    """The gradient of one input as backward returned it, and numeric values at some entries.

    `analytic` may have any shape. `entries` are flat indices into `shape`, the input's shape, and
    `numeric` the values there, each with an error bound in `resolution`. `bad` is True for the
    entries that exceed the tolerance.
    """

    name: str
    shape: tuple[int, ...]
    analytic: Array
    entries: Array
    numeric: Array
    resolution: Array
    bad: Array

    @cached_property
    def values(self) -> Array:
        """The analytic gradient at the compared entries."""
        return self.at(self.analytic)

    @cached_property
    def index(self) -> tuple[Array, ...]:
        """The indices of the compared entries, one array for each axis."""
        return tuple(np.unravel_index(self.entries, self.shape)) if self.shape else ()

    @cached_property
    def error(self) -> Array:
        """How far each numeric value may be from the derivative."""
        least = FIT * np.max(np.abs(self.numeric), initial=0.0)
        return np.asarray(np.maximum(least, self.resolution))

    def at(self, array: Array) -> Array:
        """An array of the input's size, at the compared entries."""
        chosen: Array = array.reshape(-1)[self.entries]
        return chosen

    def near(self, difference: Array) -> bool:
        """Is this difference of gradients, or each row of several, within the error?"""
        return bool(np.all(np.abs(difference) <= self.error))

    def fits(self, gradient: Array) -> bool:
        """Does `gradient` have the input's shape, and the numeric values, which are not all 0?"""
        equal = gradient.shape == self.shape and self.near(self.at(gradient) - self.numeric)
        return equal and bool(np.any(self.numeric))

    def part(self, chosen: Array) -> ComparedEntries:
        """Some of the compared entries."""
        entries, numeric, bad = self.entries[chosen], self.numeric[chosen], self.bad[chosen]
        error = self.error[chosen]
        return replace(self, entries=entries, numeric=numeric, resolution=error, bad=bad)

    def factor(self, values: Array | None = None) -> Factor | None:
        """The c with  values = c numeric  (by default the analytic values), or None."""
        fit = proportional(self.values if values is None else values, self.numeric, self.error)
        return fit.factors[0] if fit is not None and fit.factors[0].entries else None


@dataclass(frozen=True)
class Fit:
    """The factors of the groups. A factor counts the entries that are large enough to show it."""

    factors: tuple[Factor, ...]

    @property
    def convincing(self) -> bool:
        """Are there clearly more entries than factors, so that the fit is no accident?"""
        counts = [factor.entries for factor in self.factors if factor.entries]
        return sum(counts) >= max(2 * len(counts), len(counts) + 3)


@np.errstate(all="ignore")
def proportional(
    a: Array,
    b: Array,
    error_b: float | Array = 0.0,
    error_a: float | Array = 0.0,
    groups: Array | None = None,
) -> Fit | None:
    """The c with a = c b in each group of entries, or None if a group has none.

    `groups` contains the number of each entry's group; by default there is one group.
    """
    groups = np.zeros(b.size, dtype=np.intp) if groups is None else groups
    unit_a, unit_b = (float(np.max(np.abs(v), initial=0.0)) or 1.0 for v in (a, b))
    a, error_a = a / unit_a, error_a / unit_a + ROUNDING  # no square overflows in these units
    b, error_b = b / unit_b, error_b / unit_b
    weight = 1 / (error_a + np.linalg.norm(a) / np.linalg.norm(b) * error_b)
    squares = np.bincount(groups, (weight * b) ** 2)
    c = np.where(squares > 0, np.bincount(groups, weight**2 * a * b) / squares, 0.0)
    error = error_a + np.abs(c[groups]) * error_b
    if not np.all(np.abs(a - c[groups] * b) <= error):  # also where a or b is not finite
        return None
    shown = np.bincount(groups, np.abs(c[groups] * b) > 3 * error)
    digits = np.bincount(groups, np.abs(b) / error) / np.bincount(groups, (b / error) ** 2)
    numbers = zip(c * (unit_a / unit_b), digits / np.abs(c), shown, strict=True)
    return Fit(tuple(Factor(float(c), float(e), int(count)) for c, e, count in numbers))
