"""Functions that create, copy, select and reshape arrays of the stand-in.

Each function takes the Gpu, and then all or the first of the parameters of CuPy's function with
this name. Arguments that CuPy's signature does not accept are refused before the call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softgpu.allocation import Gpu, may_overlap
from softgpu.held import need_held, read_operand
from softgpu.indexing import copy_into
from softgpu.refusals import MissedByCuPy, NotInStandIn, RefusedByCuPy
from softgpu.standin_array import ndarray
from softgpu.ufuncs import launched


def empty(gpu: Gpu, shape: Any, dtype: Any = float, order: str = "C") -> Any:
    """A new array of uninitialised memory; the default dtype is float64."""
    return ndarray.empty(gpu, shape, dtype, order)


def full(gpu: Gpu, shape: Any, fill_value: Any, dtype: Any = None, order: str = "C") -> Any:
    """A new array filled with fill_value."""
    kind = np.asarray(fill_value).dtype if dtype is None else dtype
    return _filled(empty(gpu, shape, kind, order), fill_value)


def zeros(gpu: Gpu, shape: Any, dtype: Any = float, order: str = "C") -> Any:
    """A new array filled with 0, by a memset and not by a kernel."""
    return _filled(empty(gpu, shape, dtype, order), 0)


def ones(gpu: Gpu, shape: Any, dtype: Any = float, order: str = "C") -> Any:
    """A new array filled with 1."""
    return _filled(empty(gpu, shape, dtype, order), 1)


def empty_like(gpu: Gpu, prototype: Any, dtype: Any = None) -> Any:
    """An uninitialised array with the shape and dtype of another array."""
    like = need_held(prototype, "prototype").host
    fortran = like.flags.f_contiguous and not like.flags.c_contiguous
    kind = like.dtype if dtype is None else dtype
    return empty(gpu, like.shape, kind, "F" if fortran else "C")


def full_like(gpu: Gpu, a: Any, fill_value: Any, dtype: Any = None) -> Any:
    """An array of fill_value with the shape and dtype of another array."""
    return _filled(empty_like(gpu, a, dtype), fill_value)


def zeros_like(gpu: Gpu, a: Any, dtype: Any = None) -> Any:
    """An array of 0 with the shape and dtype of another array."""
    return _filled(empty_like(gpu, a, dtype), 0)


def ones_like(gpu: Gpu, a: Any, dtype: Any = None) -> Any:
    """An array of 1 with the shape and dtype of another array."""
    return _filled(empty_like(gpu, a, dtype), 1)


def _filled(made: Any, value: Any) -> Any:
    copy_into(made, value)
    return made


def arange(gpu: Gpu, start: Any, stop: Any = None, step: Any = 1, dtype: Any = None) -> Any:
    """start, start + step, ..., below stop."""
    first, last = (0, start) if stop is None else (start, stop)
    return launched(gpu, "arange", np.arange(first, last, step, dtype=dtype))


def array(gpu: Gpu, obj: Any, dtype: Any = None, copy: bool = True) -> Any:
    """A copy, on the device, of numbers, a host array or a device array."""
    if isinstance(obj, ndarray):
        return obj.astype(obj.dtype if dtype is None else dtype, copy=copy)
    numbers = np.array(obj, dtype)
    made = ndarray.holding(gpu, numbers)
    gpu.ledger.note("to_device", "asarray", numbers.nbytes)
    return made


def asarray(gpu: Gpu, a: Any, dtype: Any = None) -> Any:
    """The device array itself, or a copy of a host array on the device."""
    return array(gpu, a, dtype, copy=False)


def ascontiguousarray(gpu: Gpu, a: Any, dtype: Any = None) -> Any:
    """The array itself if it is C-contiguous, else a copy."""
    x = asarray(gpu, a, dtype)
    return x if x.flags.c_contiguous else x.copy()


def asnumpy(
    gpu: Gpu, a: Any, stream: Any = None, order: str = "C", out: Any = None, blocking: bool = True
) -> Any:
    """A copy on the host."""
    if not isinstance(a, ndarray):
        raise RefusedByCuPy(f"a device array is required, not {type(a)}")
    return a.get(stream, order, out, blocking)


def copyto(gpu: Gpu, dst: Any, src: Any) -> None:
    """dst[...] = src."""
    copy_into(need_held(dst, "dst"), src)


def where(gpu: Gpu, condition: Any, x: Any = None, y: Any = None) -> Any:
    """x where the condition is true, else y."""
    if x is None or y is None:
        raise NotInStandIn("where(condition) alone, which makes the host wait")
    return launched(gpu, "where", np.where(*map(read_operand, (condition, x, y))))


def take(gpu: Gpu, a: Any, indices: Any, axis: int | None = None, out: Any = None) -> Any:
    """The elements (or rows, ...) of a at the indices."""
    try:
        taken = np.take(need_held(a, "a").read(), read_operand(indices), axis)
    except IndexError as error:
        raise MissedByCuPy(f"{error}: CuPy would wrap it around silently") from None
    return _given(gpu, "take", taken, out)


def concatenate(gpu: Gpu, tup: Any, axis: int = 0, out: Any = None) -> Any:
    """Join arrays along an axis."""
    return _given(gpu, "concatenate", np.concatenate([_read(x) for x in tup], axis), out)


def stack(gpu: Gpu, tup: Any, axis: int = 0, out: Any = None) -> Any:
    """Join arrays along a new axis."""
    return _given(gpu, "stack", np.stack([_read(x) for x in tup], axis), out)


def _read(x: Any) -> Any:
    return need_held(x, "each of the arrays").read()


def _given(gpu: Gpu, name: str, numbers: Any, out: Any) -> Any:
    if out is None:
        return launched(gpu, name, numbers)
    target = need_held(out, "out").host
    if (target.shape, target.dtype) != (numbers.shape, numbers.dtype):
        raise RefusedByCuPy(f"out of {name} must be {numbers.dtype} of shape {numbers.shape}")
    out.written()[...] = numbers
    gpu.launch(name, target)
    return out


def reshape(gpu: Gpu, a: Any, newshape: Any) -> Any:
    """a with another shape."""
    return a.reshape(newshape)


def transpose(gpu: Gpu, a: Any, axes: Any = None) -> Any:
    """a with permuted axes."""
    return a.transpose(axes)


def broadcast_to(gpu: Gpu, array: Any, shape: Any) -> Any:
    """a broadcast to a shape, without a copy."""
    return array.view_of(np.broadcast_to(array.host, shape))


def may_share_memory(gpu: Gpu, a: Any, b: Any) -> bool:
    """Whether the address ranges of two arrays overlap."""
    return may_overlap(a.host, b.host)
