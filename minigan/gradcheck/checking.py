"""Check a backward function against its forward function, and say what is wrong with it.

    backward(dy, x_1, ..., x_n)  =?  (dL/dx_1, ..., dL/dx_n)

with L = sum(dy * forward(x_1, ..., x_n)) and a fixed random dy.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigan.gradcheck.examine import Examined, Options, examine
from minigan.gradcheck.pair import (
    GradcheckInputError,
    Pair,
    is_floating,
    output_of,
    promoted,
    upstream,
    watched,
)
from minigan.gradcheck.report import Report, Row, Verdict
from minigan.gradcheck.returned import (
    Unusable,
    array_of,
    check_forward,
    gradients_of,
    ignores_dy,
    overwritten_text,
)
from minigan.gradcheck.verdict import row_of


class GradientError(AssertionError):
    """A gradient is wrong; the message is the report."""


def check(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *inputs: Any,
    names: Sequence[str] | None = None,
    tolerance: float | None = None,
    absolute: float = 0.0,
    seed: int = 0,
    max_entries: int = 2000,
) -> Report:
    """Compare backward with the derivative of forward at the given inputs.

    `forward(*inputs)` returns one array or number y. `backward(dy, *inputs)` returns the gradient
    of L = sum(dy * y) for each floating input, in order: a tuple, or a bare array when there is
    one. None stands for "not differentiated"; the tuple may also hold one item per input, None for
    those that are not floating. Integer and boolean inputs (labels, masks) are handed through.
    float32 inputs are promoted to float64 for the check. dy is drawn from `seed`.

    An entry passes if |analytic - numeric| <= max(tolerance * max|numeric|, absolute), the maximum
    taken over the input. The default tolerance is 1e-10 under the complex step. A central
    difference sees no further than 1e-6, so where it has to judge, no smaller tolerance applies.
    An input with more than `max_entries` entries is sampled, and looked at as a whole along dense
    random directions.

    Raises GradcheckInputError for what cannot be checked at all (no floating input, complex inputs,
    a forward that returns no real floating array). Exceptions of forward and backward pass through.
    """
    values = tuple(promoted(value) for value in inputs)
    labels = labels_of(forward, len(values), names)
    options = options_of(values, tolerance, absolute, seed, max_entries)
    result, changed = watched(forward, values)
    y = output_of(result)
    pair = Pair(forward, backward, values, labels, y.astype(np.float64), upstream(y.shape, seed))
    try:
        check_forward(pair, y.dtype)
        return report_of(pair, options, set(changed))
    except Unusable as reason:
        return Report(tuple(bare_row(pair, k, str(reason)) for k in range(len(values))))


def assert_gradients(
    forward: Callable[..., Any], backward: Callable[..., Any], *inputs: Any, **options: Any
) -> Report:
    """`check`, for tests: raises GradientError, which shows the report, if a gradient is wrong."""
    report = check(forward, backward, *inputs, **options)
    if not report:
        raise GradientError(f"wrong gradient\n\n{report}")
    return report


def report_of(pair: Pair, options: Options, by_forward: set[int]) -> Report:
    """Examine every input that has a gradient, then judge them side by side."""
    gradients, by_backward, dy_overwritten = gradients_of(pair)
    found: dict[int, tuple[Examined, list[str]]] = {}
    for k, item in enumerate(gradients):
        if item is not None and is_floating(pair.inputs[k]):
            gradient, faults = array_of(item, pair.names[k])
            found[k] = examine(pair, k, gradient, options), faults
    everybody = [examined for examined, _ in found.values()]
    rows = []
    for k, item in enumerate(gradients):
        who = [
            name
            for name, guilty in (("forward", by_forward), ("backward", by_backward))
            if k in guilty
        ]
        faults = [overwritten_text(who, pair.names[k])] if who else []
        if k in found:
            examined, wrong_type = found[k]
            faults += wrong_type
            faults += [overwritten_text(["backward"], "dy")] if dy_overwritten else []
            deaf = bool(np.any(examined.bad)) and ignores_dy(pair, k, examined.gradient)
            rows.append(row_of(examined, everybody, faults, deaf))
        else:
            if item is not None:
                faults.append(f"a gradient for {pair.names[k]}, which is not floating: return None")
            rows.append(bare_row(pair, k, ". ".join(faults)))
    return Report(tuple(rows))


def bare_row(pair: Pair, k: int, fault: str) -> Row:
    """A row without numbers: failed for the reason given, else not differentiated."""
    value, nothing = pair.inputs[k], math.nan
    verdict: Verdict = "FAIL" if fault else "not differentiated"
    shape, size = np.shape(value), int(np.size(value))
    return Row(
        pair.names[k], shape, "-", 0, size, nothing, nothing, nothing, nothing, verdict, fault
    )


def labels_of(
    forward: Callable[..., Any], count: int, names: Sequence[str] | None
) -> tuple[str, ...]:
    """One name per input: those given, or the names of forward's parameters."""
    if names is not None:
        if len(names) != count:
            raise GradcheckInputError(
                f"names holds {len(names)} names for {count} inputs; give one for each."
            )
        return tuple(names)
    try:
        parameters = list(inspect.signature(forward).parameters.values())
    except (TypeError, ValueError):  # functions written in C may have no signature
        parameters = []
    labels = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    star = next((p.name for p in parameters if p.kind == p.VAR_POSITIONAL), "input")
    labels += [f"{star}[{i}]" for i in range(count - len(labels))]
    return tuple(labels[:count])


def options_of(
    values: Sequence[Any], tolerance: float | None, absolute: float, seed: int, max_entries: int
) -> Options:
    """The options, once they make sense."""
    if not any(is_floating(value) and value.size for value in values):
        raise GradcheckInputError("there is no floating input, so there is nothing to check.")
    if tolerance is not None and not tolerance > 0:
        raise GradcheckInputError(f"tolerance is {tolerance}; it must be a positive number.")
    if not absolute >= 0:
        raise GradcheckInputError(f"absolute is {absolute}; it must be 0 or a positive number.")
    if max_entries < 1:
        raise GradcheckInputError(f"max_entries is {max_entries}; it must be at least 1.")
    return Options(tolerance, absolute, seed, max_entries)
