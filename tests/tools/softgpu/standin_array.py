"""The stand-in's array, which computes with NumPy and raises the errors of CuPy.

It is never converted from or to a NumPy array implicitly, only by `get`, `set`, `asnumpy` and
`asarray`. Its methods and operators call the functions of its module.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from softgpu.allocation import Host
from softgpu.entries import bound
from softgpu.indexing import assign_index, note_hidden_copy, take_index
from softgpu.operators import with_operators
from softgpu.refusals import NotInStandIn, RefusedByCuPy
from softgpu.shapes import Shapes
from softgpu.signature_table import committed

REDUCTIONS = ("all", "any", "argmax", "argmin", "max", "mean", "min", "prod", "std", "sum", "var")
# Methods that call the function with the same name, with the array as its first argument.
FUNCTIONS = {*REDUCTIONS, "dot", "take"}


class Flags(NamedTuple):
    """The memory layout of an array."""

    c_contiguous: bool
    f_contiguous: bool
    owndata: bool


class Pointer(NamedTuple):
    """The address of an array on the emulated device."""

    ptr: int


@with_operators
class ndarray(Shapes):
    """`cupy.ndarray`. Only the functions of the stand-in create one."""

    __array_priority__ = 100
    shape = property(lambda x: x.host.shape)
    dtype = property(lambda x: x.host.dtype)
    ndim = property(lambda x: x.host.ndim)
    size = property(lambda x: x.host.size)
    itemsize = property(lambda x: x.host.itemsize)
    nbytes = property(lambda x: x.host.nbytes)
    strides = property(lambda x: x.host.strides)
    T = property(lambda x: x.view_of(x.host.T))
    real = property(lambda x: x.view_of(x.host.real) if x.host.dtype.kind == "c" else x)
    device = property(lambda x: x.cupy.cuda.Device(x.allocation.device))

    @property
    def flags(self) -> Flags:
        """The memory layout."""
        return Flags(self.host.flags.c_contiguous, self.host.flags.f_contiguous, self.owner)

    @property
    def data(self) -> Pointer:
        """The address."""
        return Pointer(self.allocation.address + self.allocation.offset(self.host))

    def __getattr__(self, name: str) -> Any:
        entry = committed().methods.get(name)
        if name not in FUNCTIONS:
            if entry:
                raise NotInStandIn(f"CuPy's arrays have {name}; the stand-in does not implement it")
            raise AttributeError(f"'cupy.ndarray' object has no attribute {name!r}")
        assert entry

        def method(*arguments: Any, **options: Any) -> Any:
            given = bound(f"cupy.ndarray.{name}", entry, arguments, options)
            return getattr(self.cupy, name)(self, **given)

        return method

    # Copies to and from the host.

    def __array__(self, *_: Any, **__: Any) -> Host:
        raise RefusedByCuPy(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__":
            raise RefusedByCuPy(f"cupy.{ufunc.__name__} has no {method} for NumPy to call")
        if isinstance(options.get("out"), tuple):
            (options["out"],) = options["out"]
        return getattr(self.cupy, ufunc.__name__)(*inputs, **options)

    def __array_function__(self, function: Any, _: Any, arguments: Any, options: Any) -> Any:
        return getattr(self.cupy, function.__name__)(*arguments, **options)

    def get(
        self, stream: Any = None, order: str = "C", out: Host | None = None, blocking: bool = True
    ) -> Host:
        """A copy on the host; with blocking=False, the host does not wait for it."""
        if not (self.flags.c_contiguous or self.flags.f_contiguous):
            note_hidden_copy(self, "get: only contiguous memory is transferred")
        numbers = np.array(self.read(anywhere=True), order="F" if order == "F" else "C")
        self.gpu.ledger.note("to_host", "get", numbers.nbytes)
        if blocking:
            self.gpu.ledger.note("synchronisation", "get")
        if out is None:
            return numbers
        if (out.shape, out.dtype) != (numbers.shape, numbers.dtype):
            raise RefusedByCuPy(
                f"out is {out.dtype} {out.shape}, the array {self.dtype} {self.shape}"
            )
        out[...] = numbers
        return out

    def set(self, arr: Host, stream: Any = None) -> None:
        """Copy a NumPy array with the same dtype and shape into this array."""
        if not isinstance(arr, np.ndarray):
            raise RefusedByCuPy("Only numpy.ndarray can be set to cupy.ndarray")
        if (arr.shape, arr.dtype) != (self.shape, self.dtype):
            raise RefusedByCuPy(
                f"{arr.dtype} array of shape {arr.shape} cannot be set to {self.dtype} {self.shape}"
            )
        if not (self.flags.c_contiguous or self.flags.f_contiguous):
            raise RefusedByCuPy("Cannot set to non-contiguous array")
        self.allocation.mark(self.host)
        self.host[...] = arr
        self.gpu.ledger.note("to_device", "set", self.nbytes)
        self.gpu.ledger.note("synchronisation", "set")  # the host memory is not pinned

    def item(self) -> Any:
        """The single element, as a number on the host."""
        return self.fetched("item").item()

    def tolist(self) -> Any:
        """The elements as nested lists, on the host."""
        return self.fetched("tolist").tolist()

    def __bool__(self) -> bool:
        return bool(self.fetched("bool"))

    def __int__(self) -> int:
        return int(self.fetched("int"))

    def __float__(self) -> float:
        return float(self.fetched("float"))

    def __complex__(self) -> complex:
        return complex(self.fetched("complex"))

    def __index__(self) -> int:
        return int(self.fetched("index").__index__())

    def __repr__(self) -> str:
        return repr(self.fetched("repr"))

    def __str__(self) -> str:
        return str(self.fetched("str"))

    def __format__(self, format_spec: str) -> str:
        return format(self.fetched("format"), format_spec)

    # Indexing and views.

    def __eq__(self, other: object) -> Any:
        return self.cupy.equal(self, other)

    def __len__(self) -> int:
        return len(self.host)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, index: Any) -> Any:
        return take_index(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        assign_index(self, index, value)
