"""Arrays that record which operations on them are not holomorphic.

    z = x + ihv,   f(z) = f(x) + ih f'(x) v + O(h^2)       for holomorphic f

NumPy passes every operation on a `Traced`, which is no ndarray, to `__array_ufunc__` or
`__array_function__`. There it is applied, and recorded with its line of code unless it is known to
be holomorphic (holomorphic.py). What leaves the trace - z written to a plain array, or converted by
`np.asarray` - is replaced by NaN; a function that would write to a plain array raises ValueError.

Real numbers that were computed from complex ones (`x.real`, `abs(x)`) may be compared, and may
choose a branch. They are recorded only where they are combined with complex numbers, written to an
array, or returned.
"""

from __future__ import annotations

import linecache
import operator
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from minigan.arrays import Array
from minigan.gradcheck import holomorphic

WIDTH = 60  # maximum number of characters quoted from a source line


@dataclass
class TraceLog:
    """The operations that are not holomorphic, whether a comparison met two equal numbers, and
    whether forward has read a dtype, which may choose a branch."""

    operations: list[str] = field(default_factory=list)
    ties: bool = False
    asks_dtype: bool = False

    def record(self, operations: Sequence[str]) -> None:
        """Add operations, each once."""
        self.operations += [one for one in operations if one not in self.operations]


class Traced(NDArrayOperatorsMixin):
    """Numbers that record what is done with them.

    `_origin` is the operation that turned complex numbers into these real ones; "" otherwise. There
    are no public attributes that ndarray lacks, because forward might test for one.
    """

    __array_priority__ = 1000
    __class__ = property(lambda self: np.ndarray)  # isinstance(x, np.ndarray) may choose a branch

    def __init__(self, numbers: Any, log: TraceLog, origin: str = "") -> None:
        """`numbers` is an array or a NumPy scalar. Single precision is recorded."""
        self._numbers, self._log, self._origin = np.asanyarray(numbers), log, origin
        if self._numbers.real.itemsize < 8:
            log.record([f"a cast to {self._numbers.dtype}{call_site()}"])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Apply a ufunc."""
        name, function = ufunc.__name__, getattr(ufunc, method)
        if method == "at" and not isinstance(inputs[0], Traced):
            raise ValueError("a plain array leaves the trace")  # NumPy would write to it
        if method != "__call__" and name in holomorphic.BETWEEN_TWO:
            self._log.ties |= method == "at" or repeated(untraced(inputs[0]))
        known = name in holomorphic.UFUNCS and not at_branch_point(name, untraced(inputs))
        return self._applied(function, f"np.{name}", known, inputs, options)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Apply any other function of NumPy."""
        name = func.__name__
        folder = f"{func.__module__ or 'numpy'}.".replace("numpy.", "np.", 1)
        if name in holomorphic.TYPE_TESTS:
            self._log.record([f"np.{name}{call_site()}"])
        if name in holomorphic.CONSTANT:
            return self._wrapped(func(*untraced(args), **untraced(kwargs)), "")
        known = name in holomorphic.FUNCTIONS
        return self._applied(func, folder + name, known, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        """A method of ndarray. Other attributes are missing, which may choose a branch."""
        if name in holomorphic.METHODS or name in holomorphic.OTHER_METHODS:
            function, known = getattr(type(self._numbers), name), name in holomorphic.METHODS
            return lambda *args, **options: self._applied(
                function, f".{name}", known, (self, *args), options
            )
        if not name.startswith("__"):
            self._log.record([f".{name}{call_site()}"])
        raise AttributeError(f"a traced array has no attribute {name!r}")

    def _applied(
        self,
        function: Callable[..., Any],
        label: str,
        known: bool,
        args: Sequence[Any],
        options: Mapping[str, Any],
    ) -> Any:
        """function(*args, **options), traced; recorded unless `known` to be holomorphic.

        A function without a result writes to its first argument. `out` arrays that are not traced
        leave the trace.
        """
        buffers = [one for one in parts_of(options.get("out")) if one is not None]
        plain = untraced(args)
        rest = untraced({name: value for name, value in options.items() if name != "out"})
        copies = [b._numbers if isinstance(b, Traced) else np.array(b) for b in buffers]
        if buffers:
            rest["out"] = tuple(copies) if len(copies) > 1 else copies[0]
        self._note_ties(label.rpartition(".")[2], [*plain, *rest.values()])
        result = function(*plain, **rest)
        written = args[:1] if result is None else buffers
        found = traced_in([*args, *options.values()])
        origins = [one._origin for one in found if one._origin]
        is_complex = any(map(np.iscomplexobj, parts_of(plain[0] if result is None else result)))
        if any(np.iscomplexobj(one._numbers) for one in found) and not (known and is_complex):
            origins = [f"{label}{call_site()}"]
        if is_complex or traced_in(written):
            self._log.record(origins)
        for buffer, numbers in zip(buffers, copies, strict=True):
            if not isinstance(buffer, Traced):  # exact numbers stay only where they are no floats
                buffer[...] = np.nan if buffer.dtype.kind in "fc" else numbers
        if len(buffers) == 1 and isinstance(buffers[0], Traced):
            return buffers[0]
        return self._wrapped(result, origins[0] if origins else "")

    def _wrapped(self, result: Any, origin: str) -> Any:
        """A result as a `Traced`. Integers and truth values are constant nearby: they are plain."""
        if isinstance(result, (tuple, list)):
            return type(result)(self._wrapped(part, origin) for part in result)
        if isinstance(result, np.dtype):
            self._log.asks_dtype = True
        kind = result.dtype.kind if isinstance(result, (np.ndarray, np.generic)) else ""
        if kind and kind in "fc":
            return Traced(result, self._log, "" if kind == "c" else origin)
        if (kind and kind in "biu") or result is None or isinstance(result, (int, np.dtype)):
            return result
        raise TypeError(f"the trace does not support {type(result).__name__}")

    def _note_ties(self, name: str, values: Sequence[Any]) -> None:
        """Two equal real parts in a comparison: the point may lie on a kink."""
        numbers = [np.real(v) for v in values if np.isscalar(v) or isinstance(v, np.ndarray)]
        numbers = [v for v in numbers if np.asarray(v).dtype.kind in "iuf"]
        if name in holomorphic.ORDERED:
            self._log.ties |= any(map(repeated, numbers[:1]))
        if name in holomorphic.TRUTH:
            self._log.ties |= any(bool(np.any(v == 0)) for v in numbers)
        if name in holomorphic.BETWEEN_TWO:
            self._log.ties |= any(bool(np.any(numbers[0] == v)) for v in numbers[1:])

    def __getitem__(self, index: Any) -> Any:
        """Some of the entries."""
        return Traced(self._numbers[untraced(index)], self._log, self._origin)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write entries; complex numbers lose their imaginary part in a real array."""
        self._applied(operator.setitem, "a cast to real numbers", True, (self, index, value), {})

    @property
    def real(self) -> Any:
        """Re z."""
        return self._applied(np.real, ".real", True, (self,), {})

    @property
    def imag(self) -> Any:
        """Im z."""
        return self._applied(np.imag, ".imag", True, (self,), {})

    def __array_namespace__(self, **options: Any) -> Any:
        """The module of the array API: NumPy, where new arrays are traced too."""
        return TracedModule(self)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""
        self._log.asks_dtype = True
        dtype: np.dtype[Any] = self._numbers.dtype
        return dtype

    shape = property(lambda self: self._numbers.shape)
    ndim = property(lambda self: self._numbers.ndim)
    size = property(lambda self: self._numbers.size)
    T = property(lambda self: Traced(self._numbers.T, self._log, self._origin))
    mT = property(lambda self: Traced(self._numbers.mT, self._log, self._origin))

    def __len__(self) -> int:
        """The length of the first axis."""
        return len(self._numbers)

    def __iter__(self) -> Iterator[Any]:
        """The slices along the first axis."""
        return (self[i] for i in range(len(self._numbers)))

    def __bool__(self) -> bool:
        """The truth of one number."""
        self._note_ties("any", [self._numbers])
        return bool(self._numbers)

    def __float__(self) -> float:
        """float(z) drops the imaginary part."""
        self._log.record([f"float(){call_site()}"])
        return float(self._numbers.real)

    def __complex__(self) -> complex:
        """A plain number leaves the trace, so it is replaced by NaN."""
        return complex(np.nan, np.nan)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        """A plain array leaves the trace, so it is replaced by NaN."""
        if dtype is not None and np.iscomplexobj(self._numbers) and np.dtype(dtype).kind != "c":
            self._log.record([f"a cast to real numbers{call_site()}"])
        return np.full(self._numbers.shape, np.nan, dtype or self._numbers.dtype)

    def __copy__(self, memo: Any = None) -> Any:
        """A copy with the same log."""
        return Traced(self._numbers.copy(), self._log, self._origin)

    __deepcopy__ = __copy__

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Pickling would copy the log."""
        raise TypeError("a traced array cannot be pickled")


class TracedModule:
    """NumPy, where new arrays are traced, so that results may be written to them."""

    def __init__(self, array: Traced) -> None:
        """`array` is any array of the trace."""
        self._array = array

    def __getattr__(self, name: str) -> Any:
        """A function of NumPy."""
        function = getattr(np, name)
        if name not in holomorphic.CREATION:
            return function
        return lambda *args, **options: self._array._applied(
            function, f"np.{name}", True, args, options
        )


def traced_in(values: Any) -> list[Traced]:
    """All traced arrays in nested lists and tuples."""
    if isinstance(values, Traced):
        return [values]
    if isinstance(values, (list, tuple)):
        return [one for value in values for one in traced_in(value)]
    return []


def untraced(value: Any) -> Any:
    """The plain numbers of traced arrays, also in a container; other arrays are read-only."""
    if isinstance(value, Traced):
        return value._numbers
    if isinstance(value, dict):
        return {key: untraced(part) for key, part in value.items()}
    if isinstance(value, tuple) or traced_in(value):
        return type(value)(untraced(part) for part in value)
    if isinstance(value, np.ndarray):
        value = value.view()
        value.flags.writeable = False
    return value


def parts_of(result: Any) -> Sequence[Any]:
    """The arrays of a result that may be a tuple or a list."""
    return result if isinstance(result, (tuple, list)) else (result,)


def repeated(numbers: Array) -> bool:
    """Are two real parts equal?"""
    return bool(np.unique(np.real(numbers)).size < np.size(numbers))


def at_branch_point(name: str, numbers: Sequence[Any]) -> bool:
    """Is it sqrt(z), or z**p with a fraction p, where Re z <= 0?"""
    fraction = name == "sqrt" or ("power" in name and np.any(np.real(numbers[1]) % 1))
    return bool(fraction and np.any(np.real(numbers[0]) <= 0))


def call_site() -> str:
    """The line of the user's code that is executing: ' (mylayer.py, line 3: `r = np.abs(x)`)'."""
    frame: Any = sys._getframe(1)
    ours = (__file__, str(Path(np.__file__).parent), "<__array_function__")
    while frame is not None and frame.f_code.co_filename.startswith(ours):
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename.startswith(str(Path(__file__).parent)):
        return ""  # forward itself is a function of NumPy
    return source_line(frame.f_code.co_filename, frame.f_lineno)


def source_line(file: str, line: int) -> str:
    """File name, line number and, if the file can be read, the text of the line."""
    text = shorten(linecache.getline(file, line), WIDTH, placeholder=" ...")
    return f" ({Path(file).name}, line {line}{f': `{text}`' if text else ''})"
