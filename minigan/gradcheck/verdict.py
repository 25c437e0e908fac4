"""The verdict on one input: pass, kink or FAIL, and the sentences that explain it.

    FAIL if |analytic - numeric| > tolerance * max|numeric| anywhere

or if something is wrong that no number shows: a wrong dtype, an argument overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigan.gradcheck.diagnosis import diagnose
from minigan.gradcheck.examine import Examined, numeric_for_ones, worst_of
from minigan.gradcheck.factors import sizes_of
from minigan.gradcheck.numeric import COARSE, COMPLEX_STEP, largest
from minigan.gradcheck.report import Row, Verdict, Worst
from minigan.gradcheck.tracing import coarse, non_holomorphic_operations


def row_of(
    it: Examined, everybody: Sequence[Examined], faults: Sequence[str], ignores_dy: bool
) -> Row:
    """The verdict on one input; `faults` are failures found before any number was compared."""
    wrong, worst = bool(np.any(it.bad)), worst_of(it)
    failed = list(faults)
    if it.numeric.coarse or (wrong and coarse(it.lines[0])):
        failed.append(coarse_text(it))
    elif not np.all(np.isfinite(it.gradient)):
        count = np.count_nonzero(~np.isfinite(it.gradient))
        failed.append(f"the analytic gradient holds NaN or Inf ({count} of {it.gradient.size})")
    elif it.numeric.unsettled and it.numeric.method != COMPLEX_STEP:
        failed.append(f"central differences find no limit (NaN, Inf or a jump) {unsettled_at(it)}")
    elif wrong:
        failed.append(wrong_text(it, everybody, ignores_dy, worst))
    verdict: Verdict = "FAIL" if failed else "kink" if it.numeric.kinks else "pass"
    return Row(
        it.name,
        it.shape,
        it.numeric.method,
        it.entries,
        int(np.prod(it.shape, dtype=int)),
        float(np.max(np.abs(it.gradient), initial=0.0)),
        largest(it.lines, it.right),
        float(np.max(it.errors, initial=0.0)),
        it.tolerance,
        verdict,
        ". ".join([*failed, *notes(it)]),
        worst if wrong and it.gradient.shape == it.shape else None,
    )


def notes(it: Examined) -> list[str]:
    """What is worth knowing of the numeric derivatives, whatever the verdict."""
    found = []
    if it.numeric.reason and not it.numeric.coarse:
        found.append(f"judged by central differences, because {it.numeric.reason}")
    elif it.numeric.unsettled:
        found.append(
            f"not confirmed by central differences, which find no limit {unsettled_at(it)}"
        )
    if it.numeric.kinks:
        found.append(kink_text(it))
    if it.entries < len(it.lines):
        found.append(
            f"{it.entries} of {it.gradient.size} entries compared one by one, and "
            f"{len(it.lines) - it.entries} dense directions through all of them"
        )
    return found


def unsettled_at(it: Examined) -> str:
    """The first place where central differences find no limit."""
    index = it.lines[it.numeric.unsettled[0]].index
    return f"at entry {index}" if index is not None else "along a dense direction"


def wrong_text(
    it: Examined, everybody: Sequence[Examined], ignores_dy: bool, worst: Worst | None
) -> str:
    """The diagnosis of numbers that are out of tolerance."""
    bad = np.flatnonzero(it.bad)
    if it.gradient.shape == it.shape and not np.any(it.bad[: it.entries]):
        where = f", entry {worst.index} for one" if worst is not None else ""
        return f"every entry compared is right, but some other entry is wrong{where}"
    if all(int(i) in it.numeric.kinks for i in bad):
        if np.any(it.numeric.low[bad] < it.numeric.high[bad]):
            return "the analytic gradient does not lie between the slopes at a kink"
        return "the analytic gradient is not the derivative of the branch that forward takes"
    arrays = [
        (name, value.shape)
        for name, value in zip(it.pair.names, it.pair.inputs, strict=True)
        if isinstance(value, np.ndarray)
    ]
    others = [other.compared() for other in everybody]
    with_ones = numeric_for_ones(it) if ignores_dy else None
    sizes = sizes_of([*arrays, ("y", it.pair.y.shape)])
    return diagnose(it.compared(), others, sizes, with_ones)


def kink_text(it: Examined) -> str:
    """How many kinks, and the slopes at the first."""
    first = next(iter(it.numeric.kinks))
    seen, place = it.numeric.kinks[first], it.lines[first].index
    where = f"entry {place}" if place is not None else "a dense direction"
    return (
        f"forward has a kink at {len(it.numeric.kinks)} of {len(it.lines)} points: at {where} its "
        f"slope is {seen.left:.6g} to the left and {seen.right:.6g} to the right, "
        f"the analytic one {it.claimed[first] + 0.0:.6g}"
    )


def coarse_text(it: Examined) -> str:
    """Fewer digits than float64, and where they get lost."""
    seen = non_holomorphic_operations(it.lines[0])
    return (
        f"{COARSE}: a change of {it.name} by one part in 2**36 leaves y as it was "
        f"(float32, complex64 or rounding){'; seen in forward: ' if seen else ''}{'; '.join(seen)}"
    )
