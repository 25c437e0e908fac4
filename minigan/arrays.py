"""Two questions every layer asks of its arrays: where do they live, and which one is larger?

The generic code of minigan is written once for every kind of array:

    xp = array_module(x)        # numpy or cupy, whichever made x
    larger(a, b)                # max(a, b), also on the complex numbers of a gradient check
"""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


def array_module(x: Array) -> Any:
    """The module whose functions work on x: `numpy`, or `cupy` for an array on a GPU.

    CuPy is never imported here: an array of CuPy can only exist where somebody else imported it.
    """
    cupy = sys.modules.get("cupy")
    return np if cupy is None else cupy.get_array_module(x)


def larger(a: Array | int, b: Array, *, out: Array | None = None) -> Array:
    """The larger of a and b, element by element; a tie goes to a.

        larger(a, b) = a where Re a >= Re b, else b

    Gradients are checked by the complex step, f'(x) = Im f(x + ih) / h, which is exact to rounding
    because nothing is subtracted (docs/gradcheck.md). It perturbs imaginary parts only, so complex
    numbers are ordered by their real parts: the branch taken is the one that real numbers take.
    (NumPy's own `maximum` would look at the imaginary part at a tie.) Real numbers use the
    one-pass `maximum`, where NaN wins. This is the only place in the layers that asks for the
    dtype. `out` may be a or b itself.
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
