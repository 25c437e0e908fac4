"""The outputs of forward as one flat vector, and a flat dy in the structure of the outputs.

{"h": h, "c": [c0, c1]}   <->   (h_1, ..., h_n, c0_1, ..., c1_m)
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.leaf import GradcheckInputError, is_foreign, to_foreign, to_numpy
from minigan.gradcheck.structure import flatten, rebuild


def vector_of(outputs: Any, kind: str) -> Array:
    """All numbers that forward returned, as one flat vector. Masked entries count as 0.

    Raises GradcheckInputError if an output is not an array of real floating numbers; complex
    numbers are accepted if `kind` is "c".
    """
    parts = []
    for name, value in flatten(outputs, "y"):
        part = to_numpy(value)
        if part.dtype.kind != "f" and not (kind == "c" and part.dtype.kind == "c"):
            where = "" if name == "y" else f" as {name}"
            raise GradcheckInputError(
                f"forward returned {part.dtype if part.dtype != object else type(value).__name__}"
                f"{where} for real inputs; it must return real floating numbers."
            )
        parts.append(part.astype(np.result_type(part, np.float64)).ravel())
    if not parts:
        raise GradcheckInputError("forward returned no number; it must return an array.")
    y: Array = np.concatenate(parts)
    return y


def epsilon_of(outputs: Any) -> float:
    """The rounding unit of the least precise output."""
    kinds = [to_numpy(value).dtype for _, value in flatten(outputs)]
    return max(float(np.finfo(kind).eps) for kind in kinds)


def in_structure(outputs: Any, dy: Array) -> Any:
    """The numbers of a flat dy in arrays like the outputs."""
    values = [value for _, value in flatten(outputs)]
    ends = [0, *itertools.accumulate(math.prod(np.shape(value)) for value in values)]
    parts = (dy[start:end] for start, end in itertools.pairwise(ends))
    return rebuild(outputs, (dy_like(y, part) for y, part in zip(values, parts, strict=True)))


def dy_like(y: Any, part: Array) -> Any:
    """New numbers in the shape of y, in an array of its library."""
    part = part.reshape(np.shape(y)).copy()
    return to_foreign(y, part) if is_foreign(y) else part
