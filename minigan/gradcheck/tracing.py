"""Find the operations of forward that are not holomorphic or that lose precision.

    z = x + ih,   L'(x) = Im L(z) / h   needs every operation on z to be holomorphic;
    |z|, conj z, Re z and a cast to real numbers or to single precision are not.

Where the complex step and the central difference disagree, forward is called once more with z as a
`TracingArray`. It records such operations on itself and on every array computed from it, each with
its line of code. The record explains a disagreement that was measured; it is no evidence by itself:
`where(z.real >= 0, ...)` reads the real part and is correct.
"""

from __future__ import annotations

import linecache
import sys
import warnings
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning

from minigan.arrays import Array
from minigan.gradcheck.pair import Line, copy_of

COMPARISONS = {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"}
COMPARISONS |= {"isnan", "isinf", "isfinite", "signbit", "logical_and", "logical_or", "logical_not"}
NOT_HOLOMORPHIC = {"conjugate", "sign"}
NOT_HOLOMORPHIC_FUNCTIONS = {"norm", "vdot", "var", "std", "real_if_close", "angle"}
WIDTH = 60  # maximum number of characters quoted from a source line
SINGLE = {np.dtype(name) for name in ("float16", "float32", "complex64")}


class TracingArray(np.ndarray[Any, Any]):
    """An array that records the operations that drop its imaginary part or its precision.

    `operations` is one list, shared by all arrays computed from the same `TracingArray`. `origin`
    is the operation that turned complex numbers into the real numbers of this array. It is recorded
    when the array is used further, but not when it is only compared.
    """

    operations: list[str]
    origin: str

    def __array_finalize__(self, parent: Any) -> None:
        """A view, slice or copy shares the operations and the origin of its parent."""
        self.operations = getattr(parent, "operations", [])
        self.origin = getattr(parent, "origin", "")

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        """Apply the ufunc to plain arrays, and record it if it is not holomorphic."""
        if out is not None:
            options["out"] = tuple(untraced(buffer) for buffer in out)
        result = getattr(ufunc, method)(*map(untraced, inputs), **options)
        from_complex = any(
            np.iscomplexobj(value) for value in inputs if isinstance(value, TracingArray)
        )
        if ufunc.__name__ in NOT_HOLOMORPHIC and from_complex:
            self.record(f"np.{ufunc.__name__}{call_site()}")
        if ufunc.__name__ not in COMPARISONS:
            self.record_origins(inputs)
        origin = f"np.{ufunc.__name__}{call_site()}" if from_complex else ""
        return self.traced(result, origin)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Call any other NumPy function, and record it if its name is on the list above."""
        name = getattr(func, "__name__", "")
        if name in NOT_HOLOMORPHIC_FUNCTIONS:
            self.record(f"np.{'linalg.' if name == 'norm' else ''}{name}{call_site()}")
        if name == "where":
            self.record_origins(args[1:])
        return self.traced(super().__array_function__(func, types, args, kwargs), "")

    @property
    def real(self) -> Any:
        """A copy of Re z whose origin is this line."""
        return self.traced(untraced(self).real.copy(), f".real{call_site()}")

    @real.setter
    def real(self, value: Any) -> None:
        """Assign Re z, as for a plain array."""
        untraced(self).real = value

    @property
    def imag(self) -> Any:
        """A copy of Im z whose origin is this line."""
        return self.traced(untraced(self).imag.copy(), f".imag{call_site()}")

    @imag.setter
    def imag(self, value: Any) -> None:
        """Assign Im z, as for a plain array."""
        untraced(self).imag = value

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """A cast. To single precision, it is recorded now; to real numbers, when they are used."""
        kind, cast = np.dtype(dtype), f".astype({np.dtype(dtype)}){call_site()}"
        if kind in SINGLE:
            self.record(cast)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ComplexWarning)
            result = untraced(self).astype(kind, *args, **kwargs)
        return self.traced(result, cast if np.iscomplexobj(self) else self.origin)

    def conj(self) -> Any:
        """conj z by the ufunc, which records itself."""
        return np.conjugate(self)

    conjugate = conj

    def var(self, *args: Any, **kwargs: Any) -> Any:
        """The variance. NumPy uses |z - mean|^2 for complex numbers, so it is recorded."""
        self.record(f".var(){call_site()}")
        return self.traced(untraced(self).var(*args, **kwargs), "")

    def std(self, *args: Any, **kwargs: Any) -> Any:
        """The square root of `var`, recorded for the same reason."""
        self.record(f".std(){call_site()}")
        return self.traced(untraced(self).std(*args, **kwargs), "")

    def __float__(self) -> float:
        """float(z) drops the imaginary part."""
        self.record(f"float(){call_site()}")
        return float(untraced(self).real)

    def record(self, operation: str) -> None:
        """Add an operation to the list, if the list does not contain it yet."""
        if operation not in self.operations:
            self.operations.append(operation)

    def record_origins(self, values: Any) -> None:
        """Record the origin of each value that is real but was computed from complex numbers."""
        for value in values:
            if isinstance(value, TracingArray) and value.dtype.kind == "f" and value.origin:
                self.record(value.origin)

    def traced(self, result: Any, origin: str) -> Any:
        """A result as a `TracingArray` that shares the list; a number becomes a 0-d array."""
        if isinstance(result, (tuple, list)):
            return type(result)(self.traced(part, origin) for part in result)
        if not isinstance(result, (np.ndarray, np.generic)) or result.dtype.kind not in "fc":
            return result
        origin = origin or getattr(result, "origin", "")
        array = np.asarray(result).view(TracingArray)
        array.operations, array.origin = self.operations, origin if result.dtype.kind == "f" else ""
        return array


def non_holomorphic_operations(line: Line) -> list[str]:
    """The operations of forward that drop imaginary parts or precision, each with its line.

    For example 'np.absolute (mylayer.py, line 3: `r = np.abs(x)`)'.
    """
    z = np.array(line.pair.inputs[line.k], dtype=complex) + complex(0.0, 2.0**-100)
    traced = z.view(TracingArray)
    arguments = [copy_of(value) for value in line.pair.inputs]
    arguments[line.k] = traced
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with np.errstate(all="ignore"):
                traced.record_origins([line.pair.forward(*arguments)])
        except Exception:  # forward rejects complex numbers; the operations before count
            pass
    for cast in caught:
        if issubclass(cast.category, ComplexWarning):
            traced.record(f"a cast to real numbers{source_line(cast.filename, cast.lineno)}")
    return traced.operations


def untraced(value: Any) -> Any:
    """A `TracingArray` as a plain array; any other value unchanged."""
    return value.view(np.ndarray) if isinstance(value, TracingArray) else value


def call_site() -> str:
    """The line of the user's code that is executing: ' (mylayer.py, line 3: `r = np.abs(x)`)'."""
    frame: Any = sys._getframe(1)
    numpy_folder = str(Path(np.__file__).parent)
    while frame is not None:
        file = frame.f_code.co_filename
        if file != __file__ and not file.startswith((numpy_folder, "<__array_function__")):
            return source_line(file, frame.f_lineno)
        frame = frame.f_back
    return ""


def source_line(file: str, line: int) -> str:
    """File name, line number and, if the file can be read, the text of the line."""
    text = shorten(linecache.getline(file, line), WIDTH, placeholder=" ...")
    return f" ({Path(file).name}, line {line}{f': `{text}`' if text else ''})"


def has_low_precision(line: Line) -> bool:
    """Does forward compute with lower precision than float64?

    x is scaled by 1 + 2**-12, and the change of y times 2**-24 predicts its change when x is scaled
    by 1 + 2**-36. Consider the entries of y where the prediction exceeds 8 units in the last place.
    The answer is yes if more than half of them do not change at all.
    """
    pair, x = line.pair, line.pair.inputs[line.k]
    with np.errstate(all="ignore"):
        predicted = np.abs(pair.run(line.k, x * (1 + 2.0**-12)) - pair.y) * 2.0**-24
        visible: Array = predicted > 8 * np.spacing(np.abs(pair.y))
        unchanged = pair.run(line.k, x * (1 + 2.0**-36)) == pair.y
    return bool(np.any(visible)) and float(np.mean(unchanged[visible])) > 0.5
