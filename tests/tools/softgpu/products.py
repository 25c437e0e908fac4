"""Matrix products of the stand-in, with a record of the operands that CuPy copies first.

cuBLAS reads contiguous rows or columns. CuPy silently copies a slice of columns, or a vector with a
step, before the product. If `out=` has another dtype, is not C-contiguous or overlaps an operand,
CuPy computes into a temporary array and copies it; here this raises an error.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softgpu.allocation import Gpu, may_overlap
from softgpu.held import Held, need_held
from softgpu.indexing import note_hidden_copy
from softgpu.refusals import MissedByCuPy, NotInStandIn, RefusedByCuPy
from softgpu.ufuncs import launched


def matmul(gpu: Gpu, x1: Any, x2: Any, out: Any = None) -> Any:
    """x1 x2, for matrices or vectors."""
    return _product(gpu, np.matmul, x1, x2, out)


def dot(gpu: Gpu, a: Any, b: Any, out: Any = None) -> Any:
    """a b, for matrices or vectors."""
    return _product(gpu, np.dot, a, b, out)


def vdot(gpu: Gpu, a: Any, b: Any) -> Any:
    """The sum over all i of conj(a_i) b_i, as an array of one number."""
    for x in (need_held(a, "a"), need_held(b, "b")):
        if not x.host.flags.c_contiguous:
            note_hidden_copy(x, "vdot: an operand is not contiguous")
    with np.errstate(all="ignore"):
        return launched(gpu, "product", np.vdot(a.read(), b.read()))


def _product(gpu: Gpu, function: Any, a: Any, b: Any, out: Any) -> Any:
    operands = need_held(a, "an operand"), need_held(b, "an operand")
    if any(x.host.ndim not in (1, 2) for x in operands):
        raise NotInStandIn("products of scalars or of stacks of matrices")
    x, y = (operand.read() for operand in operands)
    kind = np.result_type(x, y)
    if kind.kind not in "fc":
        raise NotInStandIn(f"a product of {kind}")
    with np.errstate(all="ignore"):
        result = function(x, y)
    for operand in operands:
        flags = operand.host.flags
        if operand.host.dtype != kind:
            note_hidden_copy(operand, f"product: an operand is cast to {kind}")
        elif operand.host.size and not (flags.c_contiguous or flags.f_contiguous):
            note_hidden_copy(operand, "product: an operand has gaps between its rows")
    if out is None:
        return launched(gpu, "product", result)
    _refuse_out(need_held(out, "out"), operands, result)
    with np.errstate(all="ignore"):
        function(x, y, out=out.written())
    gpu.launch("product", out.host)
    return out


def _refuse_out(out: Held, operands: tuple[Held, Held], result: Any) -> None:
    if out.host.shape != result.shape:
        raise RefusedByCuPy(f"Output array has an invalid size: {out.host.shape}, {result.shape}")
    if out.host.dtype != result.dtype:
        raise RefusedByCuPy(
            f"Not supported dtype combination: {result.dtype} into {out.host.dtype}"
        )
    if not out.host.flags.c_contiguous:
        raise RefusedByCuPy("Output array must be C-contiguous")
    if any(may_overlap(out.host, x.host) for x in operands):
        raise MissedByCuPy("out overlaps an operand: CuPy computes into a copy")
