"""What forward and backward returned: can it be compared at all, and which gradient is whose?

    backward(dy, x_1, ..., x_n) -> one gradient per floating input, or one item per input

Every mistake found here is a sentence of the report, never a traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.pair import Line, Pair, is_floating, output_of, watched
from minigan.gradcheck.tracing import non_holomorphic_operations

REPEATABLE = 1e-12  # equal calls may differ by rounding (alignment in memory, threads), no more


class Unusable(Exception):
    """No number can be compared; the message says why, once for all inputs."""


def check_forward(pair: Pair, dtype: np.dtype[Any]) -> None:
    """Raise Unusable unless inputs and y are finite, y is float64, and a second call agrees."""
    for name, value in zip(pair.names, pair.inputs, strict=True):
        if is_floating(value) and not np.all(np.isfinite(value)):
            raise Unusable(f"the input {name} holds NaN or Inf")
    if not equal(pair.y, output_of(watched(pair.forward, pair.inputs)[0])):
        raise Unusable(
            "forward gives two different answers to two equal calls (nondeterministic): pass the "
            "mask, the noise or the generator's state as an input"
        )
    if not np.all(np.isfinite(pair.y)):
        count = np.count_nonzero(~np.isfinite(pair.y))
        raise Unusable(f"forward returns NaN or Inf ({count} of {pair.y.size} entries)")
    if dtype.itemsize < 8:
        k = next(i for i, value in enumerate(pair.inputs) if is_floating(value))
        seen = "; ".join(non_holomorphic_operations(Line(pair, k, 0)))
        raise Unusable(
            f"forward returns {dtype} for float64 inputs: it casts to lower precision"
            + (f"; seen in forward: {seen}" if seen else "")
        )


def gradients_of(pair: Pair) -> tuple[tuple[Any, ...], set[int], bool]:
    """The gradient of each input (None where there is none), from two equal calls of backward.

    Also the positions of the inputs that backward overwrote, and whether it overwrote dy.
    """
    result, changed = watched(pair.backward, (pair.dy, *pair.inputs))
    repeated, _ = watched(pair.backward, (pair.dy, *pair.inputs))
    gradients, again = assigned(result, pair), assigned(repeated, pair)
    if not all(map(equal, gradients, again)):
        raise Unusable("backward gives two different answers to two equal calls (nondeterministic)")
    if all(gradient is None for gradient in gradients):
        raise Unusable("backward returns no gradient at all, so nothing was compared")
    return gradients, {i - 1 for i in changed if i}, 0 in changed


def ignores_dy(pair: Pair, k: int, gradient: Array) -> bool:
    """Is the gradient of input k the same for 2 dy? (A gradient is linear in dy.)"""
    doubled = assigned(watched(pair.backward, (2 * pair.dy, *pair.inputs))[0], pair)[k]
    return equal(np.asarray(doubled), gradient)


def assigned(result: Any, pair: Pair) -> tuple[Any, ...]:
    """The items that backward returned, one per input; Unusable if their number is wrong."""
    items = tuple(result) if isinstance(result, (tuple, list)) else (result,)
    floating = [i for i, value in enumerate(pair.inputs) if is_floating(value)]
    gradients: list[Any] = [None] * len(pair.inputs)
    if len(items) == len(floating):
        for i, item in zip(floating, items, strict=True):
            gradients[i] = item
    elif len(items) == len(pair.inputs):
        gradients = list(items)
    else:
        raise Unusable(
            f"backward returns {count(len(items))} for {len(floating)} floating inputs "
            f"({', '.join(pair.names[i] for i in floating)}); it must return one for each, in order"
        )
    return tuple(gradients)


def array_of(item: Any, name: str) -> tuple[Array, list[str]]:
    """A gradient as a float64 array, and what is wrong with its type."""
    gradient = np.asarray(item)
    if gradient.dtype.kind not in "fiub":
        text = f"the gradient of {name} is not an array of real numbers but of {gradient.dtype}"
        return np.full(gradient.shape, np.nan), [text]
    wrong = []
    if gradient.dtype.kind != "f" or gradient.dtype.itemsize < 8:
        wrong = [f"wrong dtype: the gradient is {gradient.dtype}, {name} is float64"]
    return gradient.astype(np.float64), wrong


def equal(a: Any, b: Any) -> bool:
    """Equal shapes, and numbers equal up to rounding; None equals None; NaN equals NaN."""
    if a is None or b is None:
        return a is b
    a, b = np.asarray(a), np.asarray(b)
    if a.shape != b.shape or a.dtype.kind not in "fiubc":
        return bool(a.shape == b.shape)
    finite = np.abs(b[np.isfinite(b)])
    allowance = REPEATABLE * float(np.max(finite, initial=0.0))
    return bool(np.allclose(a, b, rtol=0.0, atol=allowance, equal_nan=True))


def count(n: int) -> str:
    """'1 gradient', '2 gradients'."""
    return "1 gradient" if n == 1 else f"{n} gradients"


def overwritten_text(who: Sequence[str], name: str) -> str:
    """The sentence about an argument that somebody wrote to."""
    verb = "overwrites its" if len(who) == 1 else "overwrite their"
    return f"{' and '.join(who)} {verb} argument {name}; write to a copy or to a new array"
