"""Check a backward function against the numeric derivative of its forward function.

    backward(dy, x_1, ..., x_n)  =?  (dL/dx_1, ..., dL/dx_n)

with L = sum(dy * forward(x_1, ..., x_n)) and a fixed random dy.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigan.gradcheck.examine import CheckedInput, Options, examine
from minigan.gradcheck.pair import (
    GradcheckInputError,
    Pair,
    call_on_copies,
    is_floating,
    output_of,
    promoted,
    random_dy,
)
from minigan.gradcheck.report import Report, Row, Verdict
from minigan.gradcheck.returned import (
    NotComparableError,
    check_forward,
    float64_gradient,
    gradients_of,
    ignores_dy,
    overwritten_text,
)
from minigan.gradcheck.verdict import row_of


class GradientError(AssertionError):
    """A gradient is wrong. The message contains the report."""


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
    of L = sum(dy * y) for each floating input, in order: a tuple, or a bare array if there is only
    one. None means "not differentiated". The tuple may instead contain one item per input, with
    None for inputs that are not floating. Integer and boolean inputs (labels, masks) are passed
    through unchanged. float32 inputs are promoted to float64. dy is drawn from `seed`. `names` are
    the names of the inputs in the report; by default those of forward's parameters.

    An entry passes if |analytic - numeric| <= max(tolerance * max|numeric|, absolute), with the
    maximum over all entries of the input. The default tolerance is 1e-10 for the complex step. A
    central difference is accurate to 1e-6 only; where it is used, the tolerance is at least 1e-6.
    Of an input with more than `max_entries` entries, a random sample of that many is compared; in
    addition, all entries are checked together along dense random directions.

    Raises GradcheckInputError for what cannot be checked (no floating input, complex inputs, a
    forward that returns no real floating array, invalid options). Exceptions raised by forward and
    backward are not caught.
    """
    values = tuple(promoted(value) for value in inputs)
    labels = input_names(forward, len(values), names)
    options = checked_options(values, tolerance, absolute, seed, max_entries)
    result, changed = call_on_copies(forward, values)
    y = output_of(result)
    pair = Pair(forward, backward, values, labels, y.astype(np.float64), random_dy(y.shape, seed))
    try:
        check_forward(pair, y.dtype)
        return report_of(pair, options, set(changed))
    except NotComparableError as reason:
        return Report(tuple(bare_row(pair, k, str(reason)) for k in range(len(values))))


def assert_gradients(
    forward: Callable[..., Any], backward: Callable[..., Any], *inputs: Any, **options: Any
) -> Report:
    """Call `check` in a test. Raises GradientError with the report if a gradient is wrong."""
    report = check(forward, backward, *inputs, **options)
    if not report:
        raise GradientError(f"wrong gradient\n\n{report}")
    return report


def report_of(pair: Pair, options: Options, by_forward: set[int]) -> Report:
    """Examine every input that has a gradient, then write the rows.

    `by_forward` are the positions of the inputs that forward overwrote. A row needs the results for
    all inputs, because backward may have returned the gradient of another input.
    """
    gradients, by_backward, dy_overwritten = gradients_of(pair)
    results: dict[int, tuple[CheckedInput, list[str]]] = {}
    for k, item in enumerate(gradients):
        if item is not None and is_floating(pair.inputs[k]):
            gradient, dtype_errors = float64_gradient(item, pair.names[k])
            results[k] = examine(pair, k, gradient, options), dtype_errors
    all_checked = [checked for checked, _ in results.values()]
    rows = []
    for k, item in enumerate(gradients):
        writers = [
            name
            for name, overwritten in (("forward", by_forward), ("backward", by_backward))
            if k in overwritten
        ]
        errors = [overwritten_text(writers, pair.names[k])] if writers else []
        if k in results:
            checked, dtype_errors = results[k]
            errors += dtype_errors
            errors += [overwritten_text(["backward"], "dy")] if dy_overwritten else []
            dy_ignored = bool(np.any(checked.bad)) and ignores_dy(pair, k, checked.gradient)
            rows.append(row_of(checked, all_checked, errors, dy_ignored))
        else:
            if item is not None:
                errors.append(f"a gradient for {pair.names[k]}, which is not floating: return None")
            rows.append(bare_row(pair, k, ". ".join(errors)))
    return Report(tuple(rows))


def bare_row(pair: Pair, k: int, error: str) -> Row:
    """A row without numbers: FAIL if there is an error, otherwise not differentiated."""
    value, unknown = pair.inputs[k], math.nan
    verdict: Verdict = "FAIL" if error else "not differentiated"
    shape, size = np.shape(value), int(np.size(value))
    return Row(
        pair.names[k], shape, "-", 0, size, unknown, unknown, unknown, unknown, verdict, error
    )


def input_names(
    forward: Callable[..., Any], count: int, names: Sequence[str] | None
) -> tuple[str, ...]:
    """One name per input: those given, or the names of forward's parameters.

    Raises GradcheckInputError if the number of given names is not `count`.
    """
    if names is not None:
        if len(names) != count:
            raise GradcheckInputError(
                f"names contains {len(names)} names for {count} inputs; give one for each."
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


def checked_options(
    values: Sequence[Any], tolerance: float | None, absolute: float, seed: int, max_entries: int
) -> Options:
    """The options. Raises GradcheckInputError for an invalid one, or if no input is floating."""
    if not any(is_floating(value) and value.size for value in values):
        raise GradcheckInputError("there is no floating input, so there is nothing to check.")
    if tolerance is not None and not tolerance > 0:
        raise GradcheckInputError(f"tolerance is {tolerance}; it must be a positive number.")
    if not absolute >= 0:
        raise GradcheckInputError(f"absolute is {absolute}; it must be 0 or a positive number.")
    if max_entries < 1:
        raise GradcheckInputError(f"max_entries is {max_entries}; it must be at least 1.")
    return Options(tolerance, absolute, seed, max_entries)
