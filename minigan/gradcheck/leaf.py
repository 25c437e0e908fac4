"""One array of the inputs: its numbers, and objects of the same kind with other numbers.

    leaf.given(x)  is an object like the caller's, with the numbers x

Forward and backward receive what the caller gave: the same class, memory order, strides, byte
order, alignment and read-only flag. Only the precision differs: float32 is promoted to float64
unless forward rejects that, and the complex step passes complex128. A list of numbers is passed as
an array.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.gradcheck.structure import flatten, is_array_of_numbers

FOREIGN = ("torch", "jax", "jaxlib", "cupy")  # libraries whose arrays convert to NumPy and back


class GradcheckInputError(UserError):
    """The input cannot be checked. The message is one sentence that says what to change."""


@dataclass(frozen=True)
class Leaf:
    """A leaf of the inputs. `numbers` are float64, or None for an input that is not floating and is
    passed on unchanged. Real numbers that are not `promoted` are passed in the caller's precision.
    """

    name: str
    value: Any
    numbers: Array | None
    promoted: bool = True

    @property
    def floating(self) -> bool:
        """Does the input consist of floating numbers?"""
        return self.numbers is not None

    @property
    def x(self) -> Array:
        """The numbers of a floating input."""
        assert self.numbers is not None
        return self.numbers

    def given(self, numbers: Array | None = None) -> Any:
        """A new object like the caller's, with these numbers; by default with its own."""
        if self.floating:
            numbers = self.x if numbers is None else numbers
            if not self.promoted and numbers.dtype.kind == "f":
                numbers = numbers.astype(to_numpy(self.value).dtype)
            return like(self.value, numbers)
        is_array = isinstance(self.value, np.ndarray) or is_foreign(self.value)
        return like(self.value, to_numpy(self.value)) if is_array else self.value


def leaf_of(name: str, value: Any) -> Leaf:
    """The leaf with its numbers.

    Raises GradcheckInputError for complex numbers, for subclasses of ndarray that NumPy cannot
    copy, and for objects of unknown types that hold arrays.
    """
    if is_foreign(value):
        array = to_numpy(value)
    elif isinstance(value, (np.ndarray, float, complex, np.generic)) or is_array_of_numbers(value):
        array = np.asarray(value)
    elif holds_arrays(value):
        raise GradcheckInputError(
            f"{name} is a {type(value).__name__}; pass NumPy arrays, or lists, tuples, dicts or "
            "dataclasses of them."
        )
    else:
        return Leaf(name, value, None)
    if array.dtype.kind == "O":
        raise GradcheckInputError(
            f"{name} is an array of Python objects; pass an array of numbers, or a list of arrays."
        )
    if array.dtype.kind == "c":
        raise GradcheckInputError(
            f"{name} contains complex numbers; gradients of real functions are checked at real "
            "inputs, so pass the real and the imaginary part as two inputs."
        )
    if array.dtype.kind != "f":
        return Leaf(name, value, None)
    leaf = Leaf(name, value, np.array(array, dtype=np.float64, subok=False))
    if isinstance(value, np.ndarray) and type(leaf.given()) is not type(value):
        raise GradcheckInputError(
            f"{name} is a {type(value).__name__}, which NumPy does not copy as such; pass a "
            "numpy.ndarray."
        )
    return leaf


def holds_arrays(value: Any) -> bool:
    """Is this an object other than an array that converts to an array, or has one inside?"""
    if isinstance(value, type) or callable(value):
        return False
    held = flatten(getattr(value, "__dict__", {}))
    return hasattr(value, "__array__") or any(isinstance(one, np.ndarray) for _, one in held)


def like(value: Any, numbers: Array) -> Any:
    """The numbers in an array of the library, the class and the layout of `value`."""
    if is_foreign(value):
        return to_foreign(value, numbers)
    if isinstance(value, np.ndarray):
        return copy_like(value, numbers)
    return numbers.copy() if isinstance(value, (list, tuple)) else numbers[()]


def copy_like(value: Array, numbers: Array) -> Array:
    """The numbers in an array of the class, layout and flags of `value`."""
    dtype = numbers.dtype.newbyteorder(value.dtype.byteorder)
    if type(value) is not np.ndarray:
        copied = value.astype(dtype, order="K", copy=True)
        np.asarray(copied)[...] = np.asarray(numbers)
    elif value.flags.c_contiguous and value.flags.aligned:
        copied = np.array(numbers, dtype=dtype, order="C")
    else:
        copied = strided_copy(value, numbers, dtype)
    copied.flags.writeable = value.flags.writeable
    return copied


def strided_copy(value: Array, numbers: Array, dtype: np.dtype[Any]) -> Array:
    """The numbers in new memory with the strides of `value`, in units of the item size.

    An array that is broadcast or overlaps itself has fewer numbers than entries: its copy is
    contiguous, so that one entry can change alone.
    """
    strides = [
        step * dtype.itemsize // value.itemsize if length > 1 else 0
        for step, length in zip(value.strides, value.shape, strict=True)
    ]
    reach = dtype.itemsize
    for step, length in sorted((abs(s), n) for s, n in zip(strides, value.shape, strict=True)):
        if length > 1 and step < reach:
            return np.array(numbers, dtype=dtype, order="C")
        reach += step * (length - 1)
    before = -sum(min(0, s) * (n - 1) for s, n in zip(strides, value.shape, strict=True))
    memory = np.zeros(reach + 32, dtype=np.uint8)
    start = -memory.ctypes.data % 16 + (0 if value.flags.aligned else 1)
    copied: Array = np.ndarray(value.shape, dtype, memory.data, start + before, tuple(strides))
    copied[...] = numbers
    return copied


def is_foreign(value: Any) -> bool:
    """True for an array of PyTorch, JAX or CuPy."""
    library = type(value).__module__.partition(".")[0]
    return library in FOREIGN and hasattr(value, "dtype") and hasattr(value, "shape")


def to_numpy(value: Any) -> Array:
    """The numbers of an array of any library. Raises GradcheckInputError if it does not convert."""
    if isinstance(value, np.ndarray):
        return np.ma.filled(value, 0) if isinstance(value, np.ma.MaskedArray) else np.asarray(value)
    try:
        for method in ("detach", "resolve_conj", "resolve_neg", "cpu", "get"):
            value = getattr(value, method)() if hasattr(value, method) else value
        return np.asarray(value)
    except Exception as error:  # each library raises its own kinds of exceptions
        raise GradcheckInputError(
            f"an array of type {type(value).__name__} cannot be converted to NumPy ({error}); "
            "pass a numpy.ndarray."
        ) from None


def to_foreign(value: Any, numbers: Array) -> Any:
    """The numbers as an array of the library of `value`, on the same device where it has one."""
    library = type(value).__module__.partition(".")[0].replace("jaxlib", "jax")
    module = sys.modules[library]
    if library == "torch":
        return module.from_numpy(np.array(numbers, order="C")).to(value.device)
    return (module.numpy if library == "jax" else module).asarray(numbers)
