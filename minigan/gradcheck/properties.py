"""What forward and backward must do at every call: be repeatable, finite, and linear in dy.

    backward(0, x) = 0,  backward(s dy, x) = s backward(dy, x),
    backward(dy + dy', x) = backward(dy, x) + backward(dy', x)

An error found here becomes a sentence of the report. It is not raised to the caller of `check`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.calls import NotComparableError
from minigan.gradcheck.leaf import is_foreign, to_numpy
from minigan.gradcheck.options import is_constant
from minigan.gradcheck.pair import Pair, random_dy
from minigan.gradcheck.rounding import rounding_of_backward
from minigan.gradcheck.vector import vector_of

# Two equal calls may differ by rounding, which depends on memory alignment and threads.
REPEATABLE = 1e-12
WAITING = 0.5  # seconds for the same, where a call waits for another device
SECONDS = 0.02  # processor time for equal calls that detect rare randomness
SCALES = (2.0**-20, 2.0**20)  # powers of 2, so that a linear function is scaled without rounding
LINEAR = 1e-9  # of the largest entry
LOST = 64 * 2.0**-52  # of sum|dy y|
LARGE = 1e300  # entries beyond may overflow
SMALLEST = 2.0**-1000  # a gradient below is rounded like one of this size, or more
OTHER_SEED = 12345
OVERWRITES = "{} overwrites its argument {}; write to a copy or to a new array"
DY_IGNORED = "dy ignored: backward returns the same gradient for dy = 0"


def check_forward(pair: Pair, repeats: int) -> dict[int, str]:
    """Check that y is repeatable. Returns a message for each input that forward overwrites.

    Raises NotComparableError.
    """
    inputs = given = pair.inputs()
    for _ in repeated_calls(pair, repeats, 3):
        y = vector_of(pair.functions.forward(given), "f")
        given = pair.inputs()
        if not equal_up_to_rounding(y, pair.y):
            raise NotComparableError(
                "forward returns different results for two equal calls (nondeterministic): pass "
                "the mask, the noise or the generator's state as an input"
            )
    return overwritten(pair, inputs, "forward")


def repeated_calls(pair: Pair, repeats: int, fewest: int) -> Iterator[None]:
    """Iterate until `SECONDS` of processor time, or `WAITING` seconds in all, have passed."""
    cpu, wall = time.process_time(), time.perf_counter()
    for repeat in range(repeats):
        pair.require_time()
        yield
        late = time.process_time() - cpu > SECONDS or time.perf_counter() - wall > WAITING
        if late and repeat >= fewest - 1:
            break


def not_finite_text(pair: Pair, constant: Sequence[str] = ()) -> str:
    """Why nothing can be compared at this point: NaN or Inf in an input or in y; "" if possible.

    Inputs in `constant` may have them, such as a mask with -Inf.
    """
    for leaf in pair.leaves:
        if leaf.floating and not (np.all(np.isfinite(leaf.x)) or is_constant(leaf.name, constant)):
            return f"the input {leaf.name} contains NaN or Inf: use finite inputs"
    if not np.all(np.isfinite(pair.y)):
        count = np.count_nonzero(~np.isfinite(pair.y))
        return f"forward returns NaN or Inf ({count} of {pair.y.size} entries): use other inputs"
    return ""


def gradients_of(pair: Pair, repeats: int) -> tuple[list[Any], dict[int, str]]:
    """The gradients, and a message for each input that backward overwrites; -1 means dy.

    Raises NotComparableError if equal calls differ, or if there is no gradient at all.
    """
    inputs, dy = pair.inputs(), pair.as_outputs(pair.dy)
    before = vector_of(dy, "f").copy()
    gradients = pair.functions.backward(dy, inputs)
    found = overwritten(pair, inputs, "backward")
    if not np.array_equal(vector_of(dy, "f"), before):
        found[-1] = OVERWRITES.format("backward", "dy")
    for _ in repeated_calls(pair, repeats, 2):
        if not all(map(equal_up_to_rounding, gradients, pair.gradients(pair.dy))):
            raise NotComparableError(
                "backward returns different results for two equal calls (nondeterministic)"
            )
    if all(gradient is None for gradient in gradients):
        raise NotComparableError("backward returns no gradient at all, so nothing was compared")
    return gradients, found


def overwritten(pair: Pair, inputs: Sequence[Any], function: str) -> dict[int, str]:
    """A message for each input that is not what it was before the call of forward or backward."""
    return {
        k: OVERWRITES.format(function, leaf.name)
        for k, (leaf, used) in enumerate(zip(pair.leaves, inputs, strict=True))
        if isinstance(leaf.value, np.ndarray) or is_foreign(leaf.value)
        if to_numpy(leaf.given()).tobytes() != to_numpy(used).tobytes()
    }


def nonlinear_text(pair: Pair, k: int, gradient: Array, unit: float) -> str:
    """How backward depends on dy other than linearly; "" if it is linear.

    `unit` is the rounding unit of the gradient.
    """
    other = random_dy(pair.dy.size, OTHER_SEED)
    second = gradient_for(pair, k, other)
    size = float(np.max(np.abs(gradient), initial=SMALLEST))
    cases = [("dy = 0", 0 * pair.dy, 0 * gradient, size)]
    cases += [(f"{s:.6g} dy", s * pair.dy, s * gradient, s * size) for s in SCALES]
    if second is not None and second.shape == gradient.shape:
        size += float(np.max(np.abs(second), initial=0.0))
        cases.append(("the sum of two dy", pair.dy + other, gradient + second, size))
    for name, dy, expected, size in cases:
        found = gradient_for(pair, k, dy)
        if found is None or found.shape != expected.shape:
            continue
        distance = np.abs(found - expected)
        wrong = (distance > max(LINEAR, 64 * unit) * size) & (np.abs(expected) < LARGE)
        if np.any(wrong) and name == "the sum of two dy":  # where its terms cancel, it is rounded
            wrong &= distance > 4 * rounding_of_backward(pair, k, gradient)
            wrong &= distance > LOST * float(np.sum(np.abs(dy * pair.y)))
        if np.any(wrong):
            if name == "dy = 0" and equal_up_to_rounding(found, gradient):
                return DY_IGNORED
            i = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
            where = f" at entry {tuple(map(int, i))}" if i else ""
            return (
                f"not linear in dy: for {name} the gradient is {found[i]:.10g}{where}, and must be "
                f"{expected[i]:.10g}"
            )
    return ""


def gradient_for(pair: Pair, k: int, dy: Array) -> Array | None:
    """The gradient of leaf k for another dy as float64; None if backward raises or returns none."""
    try:
        item = pair.gradients(dy)[k]
        return None if item is None else to_numpy(item).astype(np.float64)
    except Exception:
        return None


def float64_gradient(item: Any, pair: Pair, k: int) -> tuple[Array, float, str]:
    """A gradient as a float64 array, its rounding unit, and what is wrong with its dtype, or "".

    float32 is accepted where the input or y is float32.
    """
    name, gradient = pair.leaves[k].name, to_numpy(item)
    if gradient.dtype.kind not in "fiub":
        text = f"the gradient of {name} is not an array of real numbers but of {gradient.dtype}"
        return np.full(gradient.shape, np.nan), 0.0, text
    unit = float(np.finfo(gradient.dtype).eps) if gradient.dtype.kind == "f" else 0.0
    given = to_numpy(pair.leaves[k].value).dtype
    precise = given.itemsize >= 8 and pair.epsilon <= 1e-10
    wrong = gradient.dtype.kind != "f" or (gradient.dtype.itemsize < 8 and precise)
    text = f"wrong dtype: the gradient is {gradient.dtype}, {name} is {given}" if wrong else ""
    return gradient.astype(np.float64), unit, text


def equal_up_to_rounding(a: Any, b: Any) -> bool:
    """Equal shapes, and |a - b| <= 1e-12 max|b|; NaN equals NaN, and missing equals missing."""
    if a is None or b is None:
        return a is b
    a, b = to_numpy(a), to_numpy(b)
    if a.shape != b.shape or a.dtype.kind not in "fiubc" or np.array_equal(a, b):
        return bool(a.shape == b.shape)
    finite = np.abs(b[np.isfinite(b)])
    single = b.dtype.kind == "f" and b.dtype.itemsize < 8
    unit = 64 * float(np.finfo(b.dtype).eps) if single else REPEATABLE
    allowance = unit * float(np.max(finite, initial=0.0))
    return bool(np.allclose(a, b, rtol=0.0, atol=allowance, equal_nan=True))
