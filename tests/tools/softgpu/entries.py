"""Entries: one line of text for a public name of NumPy or CuPy, with which calls are checked.

"(a, axis=None, out=None)"   a function, a class or a method, with its parameters
"ufunc 2 3"                  a ufunc with 2 inputs, which takes at most 3 positional arguments
"numpy"                      in CuPy: the same object as NumPy's with this name
"module", "value"            a module; anything else that is not called
"?"                          something callable whose parameters are not known
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from softgpu.refusals import RefusedByCuPy

UFUNC_KEYWORDS = {
    "cupy": {"out", "dtype", "casting"},
    "numpy": {"out", "dtype", "casting", "where", "order", "subok", "signature"},
}


@dataclass(frozen=True)
class Library:
    """The entries of NumPy or CuPy: public functions by dotted name, and methods of arrays."""

    name: str
    version: str
    functions: Mapping[str, str]
    methods: Mapping[str, str]

    def misfit(self, entry: str, count: int, keywords: Iterable[str] = ()) -> str | None:
        """The reason why `count` positional and these keyword arguments do not bind, or None."""
        words = sorted(keywords)
        if entry.startswith("ufunc"):
            nin, nargs = ufunc_sizes(entry)
            wrong = [word for word in words if word not in UFUNC_KEYWORDS[self.name]]
            if wrong:
                return f"a ufunc of {self.name} takes no {', '.join(wrong)}="
            if nin <= count <= nargs:
                return None
            return f"takes {nin} to {nargs} positional arguments, not {count}"
        if entry == "numpy" or (entry == "?" and self.name == "numpy"):
            return None  # not known for older NumPy versions; the tests call NumPy itself
        if not entry.startswith("("):
            return f"has unknown parameters: {entry}"
        try:
            signature(entry).bind(*[None] * count, **dict.fromkeys(words))
        except TypeError as error:
            return str(error)
        return None


def bound(name: str, entry: str, arguments: Any, options: Any) -> dict[str, Any]:
    """The arguments of a call by parameter name. Raises RefusedByCuPy if they do not bind."""
    try:
        return signature(entry).bind(*arguments, **options).arguments
    except TypeError as error:
        raise RefusedByCuPy(f"{name}: {error}") from None


def ufunc_sizes(entry: str) -> tuple[int, int]:
    """(number of inputs, maximum of positional arguments) of an entry such as "ufunc 2 3"."""
    _, nin, nargs = entry.split()
    return int(nin), int(nargs)


@cache
def signature(entry: str) -> inspect.Signature:
    """The signature of an entry such as "(a, axis=None)", with literal defaults."""
    (function,) = ast.parse(f"def f{entry}: pass").body
    assert isinstance(function, ast.FunctionDef)
    given, kinds = function.args, inspect.Parameter
    defaults: list[ast.expr | None] = [None] * (len(given.posonlyargs) + len(given.args))
    defaults[len(defaults) - len(given.defaults) :] = given.defaults
    only = len(given.posonlyargs)
    found = [
        _parameter(a, kinds.POSITIONAL_ONLY if i < only else kinds.POSITIONAL_OR_KEYWORD, d)
        for i, (a, d) in enumerate(zip([*given.posonlyargs, *given.args], defaults, strict=True))
    ]
    if given.vararg:
        found.append(kinds(given.vararg.arg, kinds.VAR_POSITIONAL))
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        found.append(_parameter(argument, kinds.KEYWORD_ONLY, default))
    if given.kwarg:
        found.append(kinds(given.kwarg.arg, kinds.VAR_KEYWORD))
    return inspect.Signature(found)


def _parameter(
    argument: ast.arg, kind: inspect._ParameterKind, default: ast.expr | None
) -> inspect.Parameter:
    value = inspect.Parameter.empty if default is None else ast.literal_eval(default)
    return inspect.Parameter(argument.arg, kind, default=value)
