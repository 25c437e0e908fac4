"""Validate the results of forward and backward, and match the gradients to the inputs.

    backward(dy, x_1, ..., x_n) -> one gradient per floating input, or one item per input

An error found here becomes a sentence of the report. It is not raised to the caller of `check`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.pair import Line, Pair, call_on_copies, is_floating, output_of
from minigan.gradcheck.tracing import non_holomorphic_operations

# Two equal calls may differ by rounding, which depends on memory alignment and threads.
REPEATABLE = 1e-12


class NotComparableError(Exception):
    """No gradient can be compared. The message is the reason, the same for all inputs."""


def check_forward(pair: Pair, dtype: np.dtype[Any]) -> None:
    """Check that the inputs and y are finite, y is float64, and a second call returns the same y.

    `dtype` is that of y as forward returned it. Raises NotComparableError.
    """
    for name, value in zip(pair.names, pair.inputs, strict=True):
        if is_floating(value) and not np.all(np.isfinite(value)):
            raise NotComparableError(f"the input {name} contains NaN or Inf")
    repeated, _ = call_on_copies(pair.forward, pair.inputs)
    if not equal_up_to_rounding(pair.y, output_of(repeated)):
        raise NotComparableError(
            "forward returns different results for two equal calls (nondeterministic): pass the "
            "mask, the noise or the generator's state as an input"
        )
    if not np.all(np.isfinite(pair.y)):
        count = np.count_nonzero(~np.isfinite(pair.y))
        raise NotComparableError(f"forward returns NaN or Inf ({count} of {pair.y.size} entries)")
    if dtype.itemsize < 8:
        k = next(i for i, value in enumerate(pair.inputs) if is_floating(value))
        operations = "; ".join(non_holomorphic_operations(Line(pair, k, 0)))
        raise NotComparableError(
            f"forward returns {dtype} for float64 inputs: it casts to lower precision"
            + (f"; found in forward: {operations}" if operations else "")
        )


def gradients_of(pair: Pair) -> tuple[tuple[Any, ...], set[int], bool]:
    """Call backward twice and return its gradients, one per input (None where there is none).

    Also returns the positions of the inputs that backward overwrote, and whether it overwrote dy.
    Raises NotComparableError if the calls differ, or if there is no gradient at all.
    """
    result, changed = call_on_copies(pair.backward, (pair.dy, *pair.inputs))
    repeated, _ = call_on_copies(pair.backward, (pair.dy, *pair.inputs))
    gradients, again = match_to_inputs(result, pair), match_to_inputs(repeated, pair)
    if not all(map(equal_up_to_rounding, gradients, again)):
        raise NotComparableError(
            "backward returns different results for two equal calls (nondeterministic)"
        )
    if all(gradient is None for gradient in gradients):
        raise NotComparableError("backward returns no gradient at all, so nothing was compared")
    return gradients, {i - 1 for i in changed if i}, 0 in changed


def ignores_dy(pair: Pair, k: int, gradient: Array) -> bool:
    """Is the gradient of input k the same for 2 dy? (A correct gradient is linear in dy.)"""
    result, _ = call_on_copies(pair.backward, (2 * pair.dy, *pair.inputs))
    doubled = match_to_inputs(result, pair)[k]
    return equal_up_to_rounding(np.asarray(doubled), gradient)


def match_to_inputs(result: Any, pair: Pair) -> tuple[Any, ...]:
    """The items that backward returned, one per input, None for an input without a gradient.

    Raises NotComparableError if their number is wrong.
    """
    items = tuple(result) if isinstance(result, (tuple, list)) else (result,)
    floating = [i for i, value in enumerate(pair.inputs) if is_floating(value)]
    gradients: list[Any] = [None] * len(pair.inputs)
    if len(items) == len(floating):
        for i, item in zip(floating, items, strict=True):
            gradients[i] = item
    elif len(items) == len(pair.inputs):
        gradients = list(items)
    else:
        raise NotComparableError(
            f"backward returns {gradient_count(len(items))} for {len(floating)} floating inputs "
            f"({', '.join(pair.names[i] for i in floating)}); it must return one for each, in order"
        )
    return tuple(gradients)


def float64_gradient(item: Any, name: str) -> tuple[Array, list[str]]:
    """A gradient as a float64 array, and a list with the error of its dtype, if there is one."""
    gradient = np.asarray(item)
    if gradient.dtype.kind not in "fiub":
        text = f"the gradient of {name} is not an array of real numbers but of {gradient.dtype}"
        return np.full(gradient.shape, np.nan), [text]
    errors = []
    if gradient.dtype.kind != "f" or gradient.dtype.itemsize < 8:
        errors = [f"wrong dtype: the gradient is {gradient.dtype}, {name} is float64"]
    return gradient.astype(np.float64), errors


def equal_up_to_rounding(a: Any, b: Any) -> bool:
    """Equal shapes, and |a - b| <= 1e-12 max|b|; None equals None, and NaN equals NaN."""
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind not in "fiubc":
        return bool(a.shape == b.shape)
    finite = np.abs(b[np.isfinite(b)])
    allowance = REPEATABLE * float(np.max(finite, initial=0.0))
    return bool(np.allclose(a, b, rtol=0.0, atol=allowance, equal_nan=True))


def gradient_count(n: int) -> str:
    """'1 gradient', '2 gradients'."""
    return "1 gradient" if n == 1 else f"{n} gradients"


def overwritten_text(functions: Sequence[str], name: str) -> str:
    """The message for an argument that forward, backward or both overwrote."""
    verb = "overwrites its" if len(functions) == 1 else "overwrite their"
    return f"{' and '.join(functions)} {verb} argument {name}; write to a copy or to a new array"
