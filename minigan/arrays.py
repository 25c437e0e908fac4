"""Two functions that make the numerical code independent of array library and dtype.

    xp = array_module(x)        # the library of x: numpy or cupy
    larger(a, b)                # elementwise max(a, b), also for complex numbers

With them, the same code runs on a CPU and on a GPU, in float32, float64 and complex128.
"""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


def array_module(*arrays: Array) -> Any:
    """The module whose functions accept the arrays: `numpy`, or `cupy` for arrays on a GPU.

    CuPy is never imported here: if an array is one of CuPy, CuPy is already imported. An array that
    is neither, such as one that traces what is done with it, names its module itself (array API).
    """
    for x in arrays:
        if type(x) is np.ndarray:
            continue
        cupy = sys.modules.get("cupy")
        xp = np if cupy is None else cupy.get_array_module(x)
        if xp is not np:
            return xp
        if hasattr(x, "__array_namespace__"):
            return x.__array_namespace__()
    return np


def larger(a: Array | int, b: Array, *, out: Array | None = None) -> Array:
    """The elementwise maximum of a and b. A tie goes to a.

        larger(a, b) = a where Re a >= Re b, else b

    Complex numbers are compared by their real parts only. Reason: gradients are checked by the
    complex step, f'(x) = Im f(x + ih) / h (docs/gradcheck.md), which changes imaginary parts only.
    With this order, x + ih takes the same branch as x. `numpy.maximum` compares the imaginary
    parts at a tie, so it is used for real numbers only; there it returns NaN where a or b is NaN.
    No other code of the layers depends on the dtype. `out` may be a or b.
    """
    xp = array_module(b)
    if b.dtype.kind != "c":
        result: Array = xp.maximum(a, b, out=out)
        return result
    chosen: Array = xp.where(a.real >= b.real, a, b)
    if out is None:
        return chosen
    out[...] = chosen
    return out
