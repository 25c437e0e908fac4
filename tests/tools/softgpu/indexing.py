"""Indexing and assignment for the stand-in's arrays.

A slice is a view. An array of integers selects elements. On a GPU, indices out of range wrap around
silently, and repeated indices in an assignment race: both are errors here. With a boolean mask, the
host waits for the number of selected elements.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softgpu.allocation import Host, address_of, may_overlap
from softgpu.held import Held, read_operand
from softgpu.refusals import MissedByCuPy, NotInStandIn, RefusedByCuPy


def take_index(x: Held, index: Any) -> Any:
    """x[index]: a view if possible, else a new array."""
    parts = _parts(index)
    if not _is_fancy(parts):
        return x.view_of(x.host[_basic(parts)])
    at = _fancy(x, parts)
    numbers = x.read_at(at)
    x.gpu.launch("take", numbers)
    return x.holding(x.gpu, numbers)


def assign_index(x: Held, index: Any, value: Any) -> None:
    """x[index] = value, where value is a device array or a scalar."""
    parts = _parts(index)
    if not _is_fancy(parts):
        copy_into(x.view_of(x.host[_basic(parts)]), value)
        return
    at, numbers = _fancy(x, parts), read_operand(value)
    places = np.arange(x.host.size).reshape(x.host.shape)[at]
    if np.unique(places).size != places.size:
        raise MissedByCuPy(
            "repeated indices in an assignment: on the GPU any of the values may win"
        )
    with np.errstate(all="ignore"):
        x.written_at(at)[at] = numbers
    x.gpu.launch("scatter", places)


def copy_into(target: Any, value: Any) -> None:
    """target[...] = value, with broadcasting."""
    name = "copy" if isinstance(value, Held) else "fill"
    numbers = read_operand(value)
    if isinstance(value, Held):
        if _same_place(target.host, value.host):
            return  # as after x[i] += y; CuPy also skips this copy
        if may_overlap(target.host, value.host):
            note_hidden_copy(value, "assignment: the value overlaps what it is assigned to")
    elif numbers == 0 and target.host.flags.c_contiguous:
        name = "memset"
    np.broadcast_to(numbers, target.host.shape)  # raises before anything is marked as written
    if np.iscomplexobj(numbers) and target.host.dtype.kind != "c":
        raise RefusedByCuPy("a complex value is assigned to real numbers")
    with np.errstate(all="ignore"):
        target.written()[...] = np.array(numbers)
    target.gpu.launch(name, target.host)


def note_hidden_copy(x: Held, why: str) -> None:
    """Record a launch and an allocation: CuPy copies this operand first, without a warning."""
    described = f"{why} (shape {x.host.shape}, strides {x.host.strides})"
    x.gpu.ledger.note("hidden_copy", described, x.host.nbytes)
    x.gpu.ledger.note("allocation", "hidden copy", x.host.nbytes)
    x.gpu.launch("hidden copy", x.host)


def _parts(index: Any) -> tuple[Any, ...]:
    parts = index if isinstance(index, tuple) else (index,)
    for part in parts:
        if isinstance(part, list | tuple):
            raise NotInStandIn("a list as an index, which CuPy copies to the device: use an array")
        plain = part is None or part is Ellipsis or isinstance(part, slice | int | np.integer)
        if not plain and not isinstance(part, Held):
            raise RefusedByCuPy(f"Unsupported type {type(part)} as an index")
    return parts


def _is_fancy(parts: tuple[Any, ...]) -> bool:
    return any(isinstance(part, Held) for part in parts)


def _basic(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """Append an Ellipsis, with which NumPy returns a view and not a scalar."""
    return parts if any(part is Ellipsis for part in parts) else (*parts, ...)


def _fancy(x: Held, parts: tuple[Any, ...]) -> tuple[Any, ...]:
    """The checked index for NumPy. Raises MissedByCuPy if it is out of range."""
    at = tuple(part.read() if isinstance(part, Held) else part for part in parts)
    if any(isinstance(part, np.ndarray) and part.dtype == bool for part in at):
        x.gpu.ledger.note("synchronisation", "boolean mask")
    try:
        np.broadcast_to(np.zeros(()), x.host.shape)[at]
    except IndexError as error:
        if "out of bounds" not in str(error):
            raise
        raise MissedByCuPy(f"{error}: CuPy would wrap it around silently") from None
    return at


def _same_place(a: Host, b: Host) -> bool:
    same = a.shape == b.shape and a.strides == b.strides
    return same and address_of(a) == address_of(b)
