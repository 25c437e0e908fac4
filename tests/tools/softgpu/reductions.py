"""Reductions of the stand-in: NumPy computes the numbers, and each call is one launch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from softgpu.allocation import Gpu, may_overlap
from softgpu.held import need_held
from softgpu.refusals import MissedByCuPy, RefusedByCuPy
from softgpu.ufuncs import launched


def reduction(name: str) -> Callable[..., Any]:
    """The reduction with this name, which takes the array and CuPy's options."""

    def reduce(gpu: Gpu, a: Any, out: Any = None, **options: Any) -> Any:
        x = need_held(a, "a")
        with np.errstate(all="ignore"):
            numbers = getattr(np, name)(x.read(), **options)
        if out is None:
            return launched(gpu, name, numbers)
        target = need_held(out, "out").host
        if target.shape != numbers.shape:
            raise ValueError(f"Output array has an invalid shape: {target.shape}, {numbers.shape}")
        if target.dtype != numbers.dtype:
            raise RefusedByCuPy(f"out of {name} must be {numbers.dtype}, not {target.dtype}")
        if may_overlap(target, x.host):
            raise MissedByCuPy(f"out of {name} overlaps the operand")
        out.written()[...] = numbers
        gpu.launch(name, target)
        return out

    return reduce
