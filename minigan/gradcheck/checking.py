"""Check a backward function against the numeric derivative of its forward function.

    backward(dy, x_1, ..., x_n)  =?  (dL/dx_1, ..., dL/dx_n)

with L = sum(dy * forward(x_1, ..., x_n)) and a fixed random dy.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from minigan.gradcheck.calls import NotComparableError, function_pair
from minigan.gradcheck.examine import CheckedInput, examine
from minigan.gradcheck.leaf import GradcheckInputError, Leaf
from minigan.gradcheck.objects import layer_object
from minigan.gradcheck.options import Options, is_constant, options_of, require_known
from minigan.gradcheck.pair import Functions, Pair, TimeOverError, pair_at, quiet
from minigan.gradcheck.points import examples, merged
from minigan.gradcheck.properties import (
    check_forward,
    float64_gradient,
    gradients_of,
    nonlinear_text,
    not_finite_text,
)
from minigan.gradcheck.report import Report, Row, Verdict
from minigan.gradcheck.signatures import takes_rng
from minigan.gradcheck.verdict import row_of

TOO_SLOW = (
    "forward and backward are too slow: max_seconds={} was over before the gradients were known. "
    "Use smaller inputs or a larger max_seconds"
)
MORE_POINTS = 3  # points that are drawn in addition if a drawn point lies on a kink


class GradientError(AssertionError):
    """A gradient is not shown to be right. The message is the report."""

    def __init__(self, report: Report) -> None:
        """`report` is that of `check`."""
        super().__init__(f"{report}")
        self.report = report


def check(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    *inputs: Any,
    example: Callable[..., Any] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    cache: bool | None = None,
    names: Sequence[str] | None = None,
    **options: Any,
) -> Report:
    """Compare backward with the derivative of forward at the given inputs.

    `forward(*inputs, **kwargs)` returns y: an array, a number, or several in nested lists, tuples,
    dicts or dataclasses. `backward(dy, *inputs)` returns the gradient of L = sum(dy * y), where dy
    is built like y, for each floating input, in order: a tuple, a dict of the inputs' names, or a
    bare gradient if there is only one. With `cache`, forward returns (y, cache) and the call is
    `backward(dy, cache)`; None recognises this by the name of backward's second parameter. Inputs
    may be nested; each gradient is built like its input. Integer and boolean inputs (labels, masks)
    are passed through unchanged. float32 inputs are promoted to float64.

    `names` are the names of the inputs; by default those of forward's parameters. Instead of
    inputs, a function `example(rng)` may return a tuple of them; it is called for `points=3`
    points, or until a point fails. dy and the points are drawn from `seed=0`. `constant=[...]`
    names inputs that need no gradient; without it, a missing gradient fails.

    An entry passes if |analytic - numeric| <= max(tolerance * max|numeric|, absolute), with the
    maximum over all entries of the input; `absolute` is 0 by default. The default tolerance is
    1e-10. Where the complex step cannot be used, it is the smallest power of 10 that differences
    resolve, up to 1e-3. An entry that is not resolved to the tolerance makes its input
    inconclusive.

    Of an input with more than `max_entries=2000` entries, or of one that would take longer than its
    part of `max_seconds=10`, a sample is compared; in addition, all entries are checked together
    along dense random directions. If forward is too slow even for that, the inputs are
    inconclusive. `tick()` is called after each numeric derivative.

    Raises GradcheckInputError for what cannot be checked (no floating input, complex inputs, a
    forward that returns no real floating numbers, invalid options). Exceptions raised by forward
    and backward at the given inputs are not caught.
    """
    chosen = options_of(check, options)
    form = partial(function_pair, forward, backward)
    more = (kwargs or {}, names, cache, chosen.constant)
    return check_points(lambda values: form(values, *more), inputs, example, chosen)


def assert_gradients(
    forward: Callable[..., Any], backward: Callable[..., Any], *inputs: Any, **options: Any
) -> Report:
    """Call `check` in a test. Raises GradientError with the report unless all gradients pass."""
    __tracebackhide__ = True  # pytest shows the line of the test
    report = check(forward, backward, *inputs, **options)
    if not report:
        raise GradientError(report)
    return report


def check_layer(
    layer: Any, *inputs: Any, example: Callable[..., Any] | None = None, **options: Any
) -> Report:
    """Check an object with y = layer.forward(*inputs) and dx = layer.backward(dy).

    The report has a row for each input and for each parameter that the object holds. How parameters
    and their gradients are found: see minigan/gradcheck/objects.py. A parameter without a gradient
    fails unless `constant` names it. The object itself is not changed. The other options are those
    of `check`. Raises GradcheckInputError for an object that cannot be checked.
    """
    chosen = options_of(check_layer, options)
    functions_at = partial(layer_object, layer, constant=chosen.constant)
    return check_points(functions_at, inputs, example, chosen)


def check_second_order(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    double_backward: Callable[..., Any],
    *inputs: Any,
    **options: Any,
) -> Report:
    """Check backward, and the gradient of backward: what a gradient penalty needs.

    `double_backward(ddx, dy, *inputs)` returns the gradients of sum(ddx * backward(dy, *inputs)) in
    dy and in each input. With ddx = v, the gradients in the inputs are a product of the second
    derivatives of L with v. The rows of the second check have the prefix "double: ".
    """
    constant = options_of(check_second_order, options).constant
    functions, leaves = function_pair(forward, backward, inputs, {}, None, False)
    with quiet():
        pair = pair_at(functions, leaves, options.get("seed", 0) + 1)
    options["one_of_several"] = True
    first = check(forward, backward, *inputs, **options)
    second = check(backward, double_backward, pair.as_outputs(pair.dy), *inputs, **options)
    require_known(constant, [row.name for row in (*first.rows, *second.rows)])
    rows = (replace(row, name=f"double: {row.name}") for row in second.rows)
    return Report((*first.rows, *rows), seconds=first.seconds + second.seconds)


def check_points(
    functions_at: Callable[[Sequence[Any]], tuple[Functions, list[Leaf]]],
    inputs: Sequence[Any],
    example: Callable[..., Any] | None,
    options: Options,
) -> Report:
    """The reports of the points up to the first that fails, merged.

    Drawn points on kinks are followed by more points. The inputs are one point, and so is an
    example that takes no generator. A point for which there is no time is left out if another one
    is complete.
    """
    if example is not None and inputs:
        raise GradcheckInputError("there are both inputs and `example`; give one of them.")
    points = options.points if example is not None and takes_rng(example) else 1
    drawn = iter([inputs]) if example is None else examples(example, options.seed)
    began = time.perf_counter()
    deadline = began + options.max_seconds
    reports: list[tuple[Row, ...]] = []
    more = 0 if points == 1 else MORE_POINTS
    options = replace(options, points=points)
    for values in drawn:
        with quiet():
            functions, leaves = functions_at(values)
            try:
                reports.append(check_point(functions, leaves, options, len(reports), deadline))
            except TimeOverError:
                late = bare_rows(leaves, TOO_SLOW.format(options.max_seconds), "inconclusive")
                reports += [] if reports else [late]
                break
        found = {row.verdict for row in reports[-1]}
        if "kink" in found and more:
            points, more = points + 1, more - 1
        if len(reports) == points or "FAIL" in found:
            break
    return replace(merged(reports), seconds=time.perf_counter() - began)


def check_point(
    functions: Functions, leaves: Sequence[Leaf], options: Options, point: int, deadline: float
) -> tuple[Row, ...]:
    """The rows of one point. Raises GradcheckInputError if no input is floating."""
    if not options.one_of_several:
        require_known(options.constant, [leaf.name for leaf in leaves])
    if not any(leaf.floating and leaf.x.size for leaf in leaves):
        raise GradcheckInputError("there is no floating input, so there is nothing to check.")
    pair = pair_at(functions, leaves, options.seed + point, deadline)
    if text := not_finite_text(pair, options.constant):
        return bare_rows(leaves, text, "inconclusive")
    try:
        return rows_of(pair, options)
    except NotComparableError as reason:
        return bare_rows(leaves, str(reason), "FAIL")


def rows_of(pair: Pair, options: Options) -> tuple[Row, ...]:
    """Examine every input that has a gradient, then write the rows.

    A row needs the results for all inputs, because backward may have returned the gradient of
    another input.
    """
    repeats = math.ceil(options.repeats / options.points)
    by_forward = check_forward(pair, repeats)
    gradients, by_backward = gradients_of(pair, repeats)
    seconds = options.max_seconds / options.points / len(pair.floating)
    results: dict[int, tuple[CheckedInput, str]] = {}
    for k in pair.floating:
        if gradients[k] is not None and np.all(np.isfinite(pair.leaves[k].x)):
            gradient, unit, wrong_dtype = float64_gradient(gradients[k], pair, k)
            epsilon = max(unit, pair.epsilon)
            results[k] = examine(pair, k, gradient, options, seconds, epsilon), wrong_dtype
    check_forward(pair, 1)  # its state may have changed meanwhile
    all_checked = [checked for checked, _ in results.values()]
    rows = []
    for k, leaf in enumerate(pair.leaves):
        errors = [by_forward.get(k, ""), by_backward.get(k, "")]
        if k in results:
            checked, wrong_dtype = results[k]
            errors += [wrong_dtype, by_backward.get(-1, "")]
            if not wrong_dtype and checked.gradient.shape == checked.shape:
                errors.append(nonlinear_text(pair, k, checked.gradient, checked.epsilon))
            rows.append(row_of(checked, all_checked, [*filter(None, errors)]))
        else:
            errors.append(missing_text(pair, k, gradients[k], options.constant))
            text = ". ".join(filter(None, errors))
            rows.append(bare_row(leaf, text, "FAIL" if text else NO_GRADIENT))
    return tuple(rows)


NO_GRADIENT: Verdict = "not differentiated"


def missing_text(pair: Pair, k: int, item: Any, constant: Sequence[str]) -> str:
    """What is wrong with an input whose gradient cannot be compared; "" if nothing is."""
    name = pair.leaves[k].name
    if not pair.leaves[k].floating:
        wrong = f"a gradient for {name}, which is not floating: return None"
        copied = isinstance(item, (str, bool, int)) or np.array_equal(item, pair.leaves[k].value)
        return "" if item is None or copied else wrong
    wrong = f"backward returns no gradient for {name}; if {name} is not differentiated on purpose"
    return "" if is_constant(name, constant) else f"{wrong}, name it: constant=[{name!r}]"


def bare_rows(leaves: Sequence[Leaf], text: str, verdict: Verdict) -> tuple[Row, ...]:
    """One row for each input; the verdict is on those that are floating."""
    return tuple(
        bare_row(leaf, text, verdict) if leaf.floating else bare_row(leaf, "", NO_GRADIENT)
        for leaf in leaves
    )


def bare_row(leaf: Leaf, text: str, verdict: Verdict) -> Row:
    """A row without numbers."""
    shape, unknown = np.shape(leaf.value), math.nan
    size = math.prod(shape)
    return Row(leaf.name, shape, "-", 0, size, unknown, unknown, unknown, unknown, verdict, text)
