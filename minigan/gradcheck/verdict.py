"""Decide the verdict on one input (pass, kink or FAIL) and write its diagnosis.

    FAIL if |analytic - numeric| > tolerance * max|numeric| at any entry

or if there is an error that the numbers do not show: a wrong dtype, an overwritten argument.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigan.gradcheck.diagnosis import diagnose
from minigan.gradcheck.examine import CheckedInput, numeric_for_unit_dy, worst_entry
from minigan.gradcheck.factors import sizes_of
from minigan.gradcheck.numeric import COMPLEX_STEP, LOW_PRECISION, largest_derivative
from minigan.gradcheck.report import Row, Verdict, Worst
from minigan.gradcheck.tracing import has_low_precision, non_holomorphic_operations


def row_of(
    checked: CheckedInput,
    all_checked: Sequence[CheckedInput],
    errors: Sequence[str],
    dy_ignored: bool,
) -> Row:
    """The row of one input. `errors` are those found before any number was compared."""
    wrong, worst = bool(np.any(checked.bad)), worst_entry(checked)
    numeric = checked.numeric
    failed = list(errors)
    if numeric.low_precision or (wrong and has_low_precision(checked.lines[0])):
        failed.append(low_precision_text(checked))
    elif not np.all(np.isfinite(checked.gradient)):
        count = np.count_nonzero(~np.isfinite(checked.gradient))
        size = checked.gradient.size
        failed.append(f"the analytic gradient contains NaN or Inf ({count} of {size} entries)")
    elif numeric.unconverged and numeric.method != COMPLEX_STEP:
        failed.append(
            f"central differences have no limit (NaN, Inf or a jump) {no_limit_at(checked)}"
        )
    elif wrong:
        failed.append(wrong_text(checked, all_checked, dy_ignored, worst))
    verdict: Verdict = "FAIL" if failed else "kink" if numeric.kinks else "pass"
    return Row(
        checked.name,
        checked.shape,
        numeric.method,
        checked.entries,
        int(np.prod(checked.shape, dtype=int)),
        float(np.max(np.abs(checked.gradient), initial=0.0)),
        largest_derivative(checked.lines, checked.expected),
        float(np.max(checked.errors, initial=0.0)),
        checked.tolerance,
        verdict,
        ". ".join([*failed, *remarks(checked)]),
        worst if wrong and checked.gradient.shape == checked.shape else None,
    )


def remarks(checked: CheckedInput) -> list[str]:
    """Remarks on the numeric derivatives, for any verdict."""
    numeric, found = checked.numeric, []
    if numeric.reason and not numeric.low_precision:
        found.append(f"compared with central differences, because {numeric.reason}")
    elif numeric.unconverged:
        found.append(
            f"not confirmed by central differences, which have no limit {no_limit_at(checked)}"
        )
    if numeric.kinks:
        found.append(kink_text(checked))
    if checked.entries < len(checked.lines):
        found.append(
            f"{checked.entries} of {checked.gradient.size} entries compared one by one, and "
            f"{len(checked.lines) - checked.entries} dense directions through all of them"
        )
    return found


def no_limit_at(checked: CheckedInput) -> str:
    """The first line along which central differences have no limit."""
    index = checked.lines[checked.numeric.unconverged[0]].index
    return f"at entry {index}" if index is not None else "along a dense direction"


def wrong_text(
    checked: CheckedInput,
    all_checked: Sequence[CheckedInput],
    dy_ignored: bool,
    worst: Worst | None,
) -> str:
    """The diagnosis of a gradient whose error exceeds the tolerance."""
    bad = np.flatnonzero(checked.bad)
    if checked.gradient.shape == checked.shape and not np.any(checked.bad[: checked.entries]):
        where = f", for example entry {worst.index}" if worst is not None else ""
        return f"every compared entry is correct, but another entry is wrong{where}"
    numeric = checked.numeric
    if all(int(i) in numeric.kinks for i in bad):
        if np.any(numeric.low[bad] < numeric.high[bad]):
            return "the analytic gradient is not between the slopes at a kink"
        return "the analytic gradient is not the derivative of the branch that forward takes"
    arrays = [
        (name, value.shape)
        for name, value in zip(checked.pair.names, checked.pair.inputs, strict=True)
        if isinstance(value, np.ndarray)
    ]
    others = [other.compared() for other in all_checked]
    for_unit_dy = numeric_for_unit_dy(checked) if dy_ignored else None
    sizes = sizes_of([*arrays, ("y", checked.pair.y.shape)])
    return diagnose(checked.compared(), others, sizes, for_unit_dy)


def kink_text(checked: CheckedInput) -> str:
    """The number of kinks, and the slopes at the first one."""
    kinks = checked.numeric.kinks
    first = next(iter(kinks))
    slopes, index = kinks[first], checked.lines[first].index
    where = f"entry {index}" if index is not None else "a dense direction"
    return (
        f"forward has a kink at {len(kinks)} of {len(checked.lines)} points: at {where} its "
        f"slope is {slopes.left:.6g} to the left and {slopes.right:.6g} to the right, "
        f"the analytic one {checked.analytic[first] + 0.0:.6g}"
    )


def low_precision_text(checked: CheckedInput) -> str:
    """The message for lower precision than float64, with the operations that lose it."""
    operations = non_holomorphic_operations(checked.lines[0])
    found = f"; found in forward: {'; '.join(operations)}" if operations else ""
    return (
        f"{LOW_PRECISION}: a change of {checked.name} by one part in 2**36 leaves y unchanged "
        f"(float32, complex64 or rounding){found}"
    )
