"""Decide the verdict on one input and write its diagnosis.

A line is one entry of the input, or a dense direction. With

    d = |analytic - numeric|,  e = error bound of numeric,  f = rounding error of both (examine.py),
    s = max|numeric|,  t = tolerance * s

| line | condition | verdict |
|---|---|---|
| wrong | d > t + e + f | FAIL |
| unresolved | otherwise, e > t: numeric is not known well enough | inconclusive |
| ill-conditioned | otherwise, d > max(t, 1e-6 s), and s is no rounding error | inconclusive |
| correct | otherwise | pass |

The input fails if any line is wrong, or if there is an error that the numbers do not show (a wrong
dtype, an overwritten argument, not linear in dy). Otherwise it is inconclusive if any line is; and
"kink" instead of "pass" where forward has a kink. If numeric is 0 within e everywhere and the
complex step is not proved, the gradient may be too small to be resolved: this passes only if
analytic, too, is nothing but rounding errors of backward, and not exactly 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.comparison import Context
from minigan.gradcheck.diagnosis import diagnose
from minigan.gradcheck.examine import CheckedInput, forward_product, worst_entry
from minigan.gradcheck.factors import sizes_of
from minigan.gradcheck.leaf import to_numpy
from minigan.gradcheck.numeric import COMPLEX_STEP
from minigan.gradcheck.pair import TimeOverError
from minigan.gradcheck.properties import DY_IGNORED
from minigan.gradcheck.report import Row, Verdict, Worst

ROUGH = 1e-6  # of max|numeric|: a larger distance is no mere rounding error of a correct gradient
OFF = 1e-3  # relative to an entry itself: it has fewer than three correct digits


def row_of(
    checked: CheckedInput, all_checked: Sequence[CheckedInput], errors: Sequence[str]
) -> Row:
    """The row of one input. `errors` are those found before any number was compared."""
    try:
        worst = worst_entry(checked)
    except TimeOverError:  # in the search for an entry; what is known to be wrong is wrong
        worst = None
    verdict, texts = decision(checked, all_checked, errors, worst)
    unit = checked.scale or float(np.max(checked.floor + checked.error, initial=0.0)) or 1.0
    comparable = checked.gradient.shape == checked.shape
    return Row(
        checked.name,
        checked.shape,
        checked.numeric.method,
        checked.entries,
        math.prod(checked.shape),
        float(np.max(np.abs(checked.gradient), initial=0.0)),
        checked.scale,
        float(np.max(checked.distance, initial=0.0)) / unit if comparable else np.nan,
        float(np.max(checked.tolerance, initial=0.0)),
        verdict,
        ". ".join([*texts, *remarks(checked)]),
        worst,
        resolution=float(np.max(checked.error, initial=0.0)) / unit,
        directions=len(checked.lines) - checked.entries,
        cosine=checked.cosine if comparable and checked.entries > 1 else np.nan,
        errors=errors_of(checked, unit) if comparable else None,
    )


def decision(
    checked: CheckedInput,
    all_checked: Sequence[CheckedInput],
    errors: Sequence[str],
    worst: Worst | None,
) -> tuple[Verdict, list[str]]:
    """The verdict by the table above, and its reasons."""
    reasons, infinite = list(errors), np.count_nonzero(~np.isfinite(checked.gradient))
    if infinite and not reasons:
        size = checked.gradient.size
        reasons = [f"the analytic gradient contains NaN or Inf ({infinite} of {size} entries)"]
    elif np.any(checked.bad) and not infinite and DY_IGNORED not in reasons:
        reasons.append(wrong_text(checked, all_checked, worst))  # no relation holds for every dy
    if reasons:
        return "FAIL", reasons
    if text := unresolved_text(checked):
        return "inconclusive", [text]
    return "kink" if checked.numeric.kinks else "pass", []


def unresolved_text(checked: CheckedInput) -> str:
    """Why the gradient is neither right nor wrong, and what would resolve it; "" if it is right."""
    numeric, scale, distance = checked.numeric, checked.scale, checked.distance
    error = float(np.max(checked.error, initial=0.0))
    value = np.maximum(np.abs(numeric.low), np.abs(numeric.high))
    accepted = 0 < checked.options.absolute >= scale
    zero = not numeric.proved and not accepted and bool(np.all(value <= checked.error))
    if zero and np.size(checked.gradient) and not is_rounding(checked):
        return (
            f"the gradient is zero or too small to be seen: differences resolve {error:.1e}, and a "
            f"smaller gradient leaves y unchanged. {what_resolves(checked)}, or `absolute=` "
            "accepts so small a gradient"
        )
    unknown = checked.error > checked.allowed
    if numeric.proved:  # then a derivative of about 0 is known to be 0
        unknown &= (checked.analytic != 0) & (distance <= checked.error)
    unresolved = np.count_nonzero(unknown)
    if unresolved and not zero:
        known = f"{unresolved} of {len(checked.lines)} derivatives are known only to {error:.1e}"
        share = error / scale if scale else np.inf
        if share == np.inf:
            return (
                f"{known}. The derivatives are too small to be verified: use inputs of moderate "
                "size"
            )
        return f"{known}, which is {share:.0e} of the largest. {what_resolves(checked)}"
    far = distance > np.maximum(np.maximum(checked.allowed, ROUGH * scale), checked.error)
    if np.any(far) and scale > checked.spread(np.zeros_like(checked.floor)):
        return (
            f"the two gradients differ by up to {float(np.max(distance)):.1e}, but they change by "
            "as much if the last bits of the inputs change: ill-conditioned here. Use inputs of "
            "moderate size"
        )
    return ""


def is_rounding(checked: CheckedInput) -> bool:
    """Is the analytic gradient nothing but rounding errors, and not exactly zero?"""
    if not np.any(checked.gradient) or checked.gradient.shape != checked.shape:
        return False
    rounding = np.maximum(checked.rounding, checked.spread(checked.rounding))
    return bool(np.all(np.abs(checked.analytic) <= rounding))


def what_resolves(checked: CheckedInput) -> str:
    """What to change so that the gradient can be resolved."""
    if checked.numeric.operations:
        return (
            "Write forward so that it accepts complex numbers (without "
            f"{'; '.join(checked.numeric.operations)})"
        )
    if checked.numeric.method == COMPLEX_STEP:
        return "Use inputs of moderate size"
    return "Use inputs of moderate size, or write forward so that it accepts complex numbers"


def remarks(checked: CheckedInput) -> list[str]:
    """Remarks on the numeric derivatives, for any verdict."""
    numeric, found = checked.numeric, []
    if numeric.reason:
        text = f"compared with differences, because {numeric.reason}"
        if numeric.operations:
            text += f"; found in forward: {'; '.join(numeric.operations)}"
        found.append(text)
    if checked.epsilon > 1e-10:
        kind = "float32" if checked.epsilon < 1e-5 else "float16"
        found.append(f"forward or backward returns {kind}: judged at what that resolves")
    if numeric.kinks:
        found.append(kink_text(checked))
    if small := small_entries_text(checked):
        found.append(small)
    if checked.entries < len(checked.lines):
        found.append(
            f"{checked.entries} of {checked.gradient.size} entries compared one by one, and "
            f"{len(checked.lines) - checked.entries} dense directions through all of them"
        )
    return found


def small_entries_text(checked: CheckedInput) -> str:
    """Correct entries, by the tolerance of the input, that are wrong relative to themselves."""
    value = np.abs(checked.expected[: checked.entries])
    distance = checked.distance[: checked.entries]
    known = checked.error[: checked.entries] + checked.floor[: checked.entries] < OFF * value
    off = np.flatnonzero((distance > OFF * value) & known & ~checked.bad[: checked.entries])
    if not off.size or checked.gradient.shape != checked.shape:
        return ""
    worst = int(off[np.argmax(distance[off] / value[off])])
    entries = "1 small entry is" if off.size == 1 else f"{off.size} small entries are"
    return (
        f"{entries} off by up to {distance[worst] / value[worst]:.2g} times the numeric value: at "
        f"{checked.lines[worst].index} the analytic gradient is {checked.analytic[worst]:.3g}, the "
        f"numeric one {checked.expected[worst]:.3g}"
    )


def wrong_text(
    checked: CheckedInput, all_checked: Sequence[CheckedInput], worst: Worst | None
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
    others = [other.compared() for other in all_checked]
    return diagnose(checked.compared(), others, context_of(checked))


def context_of(checked: CheckedInput) -> Context:
    """What the gradient of this input may depend on."""
    pair = checked.pair
    arrays = {
        leaf.name: leaf.x if leaf.floating else to_numpy(leaf.value)
        for leaf in pair.leaves
        if leaf.floating or isinstance(leaf.value, np.ndarray)
    }
    if isinstance(pair.outputs, np.ndarray) and pair.outputs.ndim:
        shape = np.shape(pair.outputs)
        arrays |= {"y": pair.y.reshape(shape), "dy": pair.dy.reshape(shape)}
    shapes = [(name, value.shape) for name, value in arrays.items() if name != "dy"]
    return Context(
        arrays,
        sizes_of(shapes),
        (lambda: forward_product(checked)) if pair.dy.size == checked.gradient.size else None,
    )


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


def errors_of(checked: CheckedInput, unit: float) -> Array:
    """|analytic - numeric| / max|numeric| in the shape of the input; NaN where not compared."""
    errors = np.full(checked.shape, np.nan)
    chosen = checked.compared().entries
    errors.reshape(-1)[chosen] = checked.distance[: checked.entries] / unit
    return errors
