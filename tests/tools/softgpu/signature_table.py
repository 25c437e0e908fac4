"""The entries of the installed NumPy or CuPy, and of the CuPy in `cupy_signatures.json`.

Cython writes the parameters of CuPy's compiled functions into the first line of their docstrings.
No GPU is needed. With CuPy installed, run this in the folder tests/tools to update the file:

    python -m softgpu.signature_table
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from softgpu.entries import Library

FILE = Path(__file__).with_name("cupy_signatures.json")
# The submodules and classes whose names are listed, in addition to the top level and the arrays.
PLACES = {
    "cupy": "cuda cuda.runtime cuda.Device cuda.Stream cuda.Event cuda.MemoryPool RawModule linalg"
    " random",
    "numpy": "linalg random",
}
LITERALS = (type(None), bool, int, float, str, tuple)


@cache
def committed() -> Library:
    """CuPy as the file describes it."""
    read = json.loads(FILE.read_text("utf-8"))
    return Library("cupy", read["version"], read["functions"], read["methods"])


def library(module: ModuleType) -> Library:
    """The entries of the installed NumPy or CuPy."""
    functions: dict[str, str] = {}
    for place in ("", *PLACES[module.__name__].split()):
        home: Any = module
        for part in place.split(".") if place else ():
            home = getattr(home, part)
        for name, text in _entries_in(home).items():
            if not place or text != "value":  # constants are listed only at the top level
                functions[f"{place}.{name}" if place else name] = text
    return Library(module.__name__, module.__version__, functions, _entries_in(module.ndarray))


def _entries_in(home: Any) -> dict[str, str]:
    is_class = isinstance(home, type)
    names = [name for name in dir(home) if not name.startswith("_")]
    return {name: entry(getattr(home, name), name, method=is_class) for name in names}


def entry(found: Any, name: str, *, method: bool = False) -> str:
    """The entry of an object with this name; a method's entry has no `self`."""
    if isinstance(found, ModuleType):
        return "module"
    if type(found).__name__ == "ufunc":
        return f"ufunc {found.nin} {found.nargs}"
    if type(found).__name__ == "_GUFunc":  # its __call__ has *args for the inputs
        inputs = [f"x{i}" for i in range(1, found._nin + 1)]
        return _entry([*inputs, "/", "*", *(_parameters(found.__call__, True) or ())[1:]])
    if not method and not _is_cupys_own(found) and found is vars(np).get(name, ...):
        return "numpy"
    if not callable(found):
        return "value"
    parameters = _parameters(found, method)
    return "?" if parameters is None else _entry(parameters)


def _entry(parameters: list[str]) -> str:
    return f"({', '.join(parameters)})"


def _is_cupys_own(found: Any) -> bool:
    return str(getattr(found, "__module__", "")).startswith("cupy")


def _parameters(function: Any, method: bool) -> list[str] | None:
    """The parameters as text, from the signature or from the docstring's first line."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        texts = _documented(inspect.getdoc(function) or "")
        return texts[1:] if method and texts and texts[0] == "self" else texts
    return _texts(found[1:] if method and found and found[0].name == "self" else found)


def _texts(parameters: list[inspect.Parameter]) -> list[str]:
    texts: list[str] = []
    previous = None
    for parameter in parameters:
        kind = parameter.kind
        if previous == parameter.POSITIONAL_ONLY != kind:
            texts.append("/")
        if kind == parameter.KEYWORD_ONLY and previous not in (kind, parameter.VAR_POSITIONAL):
            texts.append("*")
        stars = "*" * (kind == parameter.VAR_POSITIONAL) + "**" * (kind == parameter.VAR_KEYWORD)
        texts.append(f"{stars}{parameter.name}{_default(parameter)}")
        previous = kind
    return [*texts, "/"] if previous == inspect.Parameter.POSITIONAL_ONLY else texts


def _default(parameter: inspect.Parameter) -> str:
    if parameter.default is parameter.empty:
        return ""
    plain = type(parameter.default) in LITERALS and parameter.default == parameter.default
    return f"={parameter.default!r}" if plain else "=None"


def _documented(text: str) -> list[str] | None:
    """["a", "axis=None"] for a docstring that begins "Class.name(_ndarray a, int axis=None)"."""
    found = re.match(r"[\w.]+\((.*)\)(?: -> .*)?$", text.partition("\n")[0])
    if not found:
        return None
    pieces = re.split(r",\s*(?![^()]*\))", found[1]) if found[1] else []
    texts = []
    for piece in pieces:
        name, equals, default = piece.replace("\\", "").partition("=")
        plain = re.fullmatch(r"None|True|False|-?\d+|'[^']*'|\(\)", default.strip())
        texts.append(name.split()[-1] + (equals and f"={default.strip() if plain else None}"))
    return texts


def main() -> None:
    """Write `cupy_signatures.json` from the installed CuPy."""
    found = library(importlib.import_module("cupy"))
    table = {"version": found.version, "functions": found.functions, "methods": found.methods}
    FILE.write_text(json.dumps(table, indent=0, sort_keys=True) + "\n", "utf-8")


if __name__ == "__main__":
    main()
