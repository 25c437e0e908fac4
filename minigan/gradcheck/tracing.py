"""Why do complex step and central difference disagree? Ask an array that takes notes.

    z = x + ih,   L'(x) = Im L(z) / h   needs every operation on z to be holomorphic;
    |z|, conj z, Re z and a cast to real numbers or to single precision are not.

A `TracingArray` is z as an array that records such operations on itself and on everything computed
from it, with the line of code. Its notes only explain a difference of numbers; they never make one:
`where(z.real >= 0, ...)` reads the real part and is right.
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
from minigan.gradcheck.pair import Line, fresh

COMPARISONS = {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"}
COMPARISONS |= {"isnan", "isinf", "isfinite", "signbit", "logical_and", "logical_or", "logical_not"}
NOT_HOLOMORPHIC = {"conjugate", "sign"}
NOT_HOLOMORPHIC_FUNCTIONS = {"norm", "vdot", "var", "std", "real_if_close", "angle"}
WIDTH = 60  # characters of a source line that a note quotes
SINGLE = {np.dtype(name) for name in ("float16", "float32", "complex64")}


class TracingArray(np.ndarray[Any, Any]):
    """An array that notes what loses imaginary parts.

    `notes` is shared by all that descends from one witness. `origin` says which operation turned
    complex numbers into these real ones: harmless in a comparison, a note once it is used further.
    """

    notes: list[str]
    origin: str

    def __array_finalize__(self, parent: Any) -> None:
        """A view, slice or copy shares the notes and the origin of what it came from."""
        self.notes = getattr(parent, "notes", [])
        self.origin = getattr(parent, "origin", "")

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any
    ) -> Any:
        """Do what the ufunc does on plain arrays, and note it if it is not holomorphic."""
        if out is not None:
            options["out"] = tuple(untraced(buffer) for buffer in out)
        result = getattr(ufunc, method)(*map(untraced, inputs), **options)
        from_complex = any(
            np.iscomplexobj(value) for value in inputs if isinstance(value, TracingArray)
        )
        if ufunc.__name__ in NOT_HOLOMORPHIC and from_complex:
            self.note(f"np.{ufunc.__name__}{call_site()}")
        if ufunc.__name__ not in COMPARISONS:
            self.note_real(inputs)
        origin = f"np.{ufunc.__name__}{call_site()}" if from_complex else ""
        return self.descendant(result, origin)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Run any other NumPy function, note it by name if it is known to be not holomorphic."""
        name = getattr(func, "__name__", "")
        if name in NOT_HOLOMORPHIC_FUNCTIONS:
            self.note(f"np.{'linalg.' if name == 'norm' else ''}{name}{call_site()}")
        if name == "where":
            self.note_real(args[1:])
        return self.descendant(super().__array_function__(func, types, args, kwargs), "")

    @property
    def real(self) -> Any:
        """Re z, remembered as such."""
        return self.descendant(untraced(self).real.copy(), f".real{call_site()}")

    @real.setter
    def real(self, value: Any) -> None:
        """Writing to Re z is what it is on any array."""
        untraced(self).real = value

    @property
    def imag(self) -> Any:
        """Im z, remembered as such."""
        return self.descendant(untraced(self).imag.copy(), f".imag{call_site()}")

    @imag.setter
    def imag(self, value: Any) -> None:
        """Writing to Im z is what it is on any array."""
        untraced(self).imag = value

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """A cast: to single precision it is noted at once, to real numbers once they are used."""
        kind, what = np.dtype(dtype), f".astype({np.dtype(dtype)}){call_site()}"
        if kind in SINGLE:
            self.note(what)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ComplexWarning)
            result = untraced(self).astype(kind, *args, **kwargs)
        return self.descendant(result, what if np.iscomplexobj(self) else self.origin)

    def conj(self) -> Any:
        """conj z as the ufunc that notes itself."""
        return np.conjugate(self)

    conjugate = conj

    def var(self, *args: Any, **kwargs: Any) -> Any:
        """The variance of complex numbers is that of their magnitudes."""
        self.note(f".var(){call_site()}")
        return self.descendant(untraced(self).var(*args, **kwargs), "")

    def std(self, *args: Any, **kwargs: Any) -> Any:
        """The root of `var`."""
        self.note(f".std(){call_site()}")
        return self.descendant(untraced(self).std(*args, **kwargs), "")

    def __float__(self) -> float:
        """float(z) drops the imaginary part."""
        self.note(f"float(){call_site()}")
        return float(untraced(self).real)

    def note(self, what: str) -> None:
        """Write down what was seen, once."""
        if what not in self.notes:
            self.notes.append(what)

    def note_real(self, values: Any) -> None:
        """Note those among the values that were complex once and are real now."""
        for value in values:
            if isinstance(value, TracingArray) and value.dtype.kind == "f" and value.origin:
                self.note(value.origin)

    def descendant(self, result: Any, origin: str) -> Any:
        """A result that shares the notes; numbers become 0-d arrays so that they can take notes."""
        if isinstance(result, (tuple, list)):
            return type(result)(self.descendant(part, origin) for part in result)
        if not isinstance(result, (np.ndarray, np.generic)) or result.dtype.kind not in "fc":
            return result
        origin = origin or getattr(result, "origin", "")
        witness = np.asarray(result).view(TracingArray)
        witness.notes, witness.origin = self.notes, origin if result.dtype.kind == "f" else ""
        return witness


def non_holomorphic_operations(line: Line) -> list[str]:
    """Operations of forward that lose imaginary parts or digits, as 'np.absolute (file, line)'."""
    z = np.array(line.pair.inputs[line.k], dtype=complex) + complex(0.0, 2.0**-100)
    witness = z.view(TracingArray)
    arguments = [fresh(value) for value in line.pair.inputs]
    arguments[line.k] = witness
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with np.errstate(all="ignore"):
                witness.note_real([line.pair.forward(*arguments)])
        except Exception:  # forward refuses complex numbers; what was seen until then still counts
            pass
    for cast in caught:
        if issubclass(cast.category, ComplexWarning):
            witness.note(f"a cast to real numbers{source_line(cast.filename, cast.lineno)}")
    return witness.notes


def untraced(value: Any) -> Any:
    """A witness as the ordinary array it is."""
    return value.view(np.ndarray) if isinstance(value, TracingArray) else value


def call_site() -> str:
    """Where the user's code is now: ' (mylayer.py, line 3: `r = np.abs(x)`)'."""
    frame: Any = sys._getframe(1)
    numpy_folder = str(Path(np.__file__).parent)
    while frame is not None:
        file = frame.f_code.co_filename
        if file != __file__ and not file.startswith((numpy_folder, "<__array_function__")):
            return source_line(file, frame.f_lineno)
        frame = frame.f_back
    return ""


def source_line(file: str, line: int) -> str:
    """File, line number and, where it can be read, the line itself."""
    text = shorten(linecache.getline(file, line), WIDTH, placeholder=" ...")
    return f" ({Path(file).name}, line {line}{f': `{text}`' if text else ''})"


def coarse(line: Line) -> bool:
    """Does forward compute with fewer digits than float64?

    y must follow x (1 + 2**-36) wherever its answer to x (1 + 2**-12) says that the change would
    be 8 units in the last call_site or more; where y stays as it was, somebody rounds.
    """
    pair, x = line.pair, line.pair.inputs[line.k]
    with np.errstate(all="ignore"):
        answer = np.abs(pair.run(line.k, x * (1 + 2.0**-12)) - pair.y) * 2.0**-24
        visible: Array = answer > 8 * np.spacing(np.abs(pair.y))
        unmoved = pair.run(line.k, x * (1 + 2.0**-36)) == pair.y
    return bool(np.any(visible)) and float(np.mean(unmoved[visible])) > 0.5
