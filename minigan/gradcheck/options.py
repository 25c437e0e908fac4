"""The options of a check, which `check` describes.

tolerance > 0,  absolute >= 0,  seed >= 0,  max_entries >= 1,  max_seconds > 0,  points >= 1

`constant` are inputs that need no gradient: ["t", "params['W']"] means t with all its parts, and
one part of params; "t" means ["t"]. A name that is no input is refused, because it may be
misspelled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from inspect import signature
from numbers import Integral, Real
from typing import Any

from minigan.gradcheck.leaf import GradcheckInputError


@dataclass(frozen=True)
class Options:
    """Options that all checks have. Raises GradcheckInputError for an invalid one."""

    tolerance: float | None = None
    absolute: float = 0.0
    seed: int = 0
    max_entries: int = 2000
    max_seconds: float = 10.0
    points: int = 3
    constant: Sequence[str] = ()
    tick: Callable[[], None] = lambda: None
    repeats: int = 64  # equal calls that detect rare randomness
    one_of_several: bool = False  # a name in `constant` may be an input of another pair

    def __post_init__(self) -> None:
        """Refuse other types and numbers out of range."""
        positive, integer = "a positive number", "a positive integer"
        for name, kind, least, wanted in (
            ("tolerance", Real, math.ulp(0), positive),
            ("absolute", Real, 0, f"0 or {positive}"),
            ("seed", Integral, 0, f"0 or {integer}"),
            ("max_entries", Integral, 1, integer),
            ("max_seconds", Real, math.ulp(0), positive),
            ("points", Integral, 1, integer),
        ):
            value = getattr(self, name)
            valid = isinstance(value, kind) and float(value) >= least
            if not valid and (name, value) != ("tolerance", None):
                raise GradcheckInputError(f"{name} is {value!r}; it must be {wanted}.")


def options_of(check: Callable[..., Any], given: Mapping[str, Any]) -> Options:
    """The options of a call of `check`. Raises TypeError, as Python does, for an unknown one."""
    known = [one.name for one in fields(Options)]
    for name in given:
        if name not in known:
            near = get_close_matches(name, [*known, *signature(check).parameters], 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"{check.__name__}() has no option {name!r}{hint}")
    constant = given.get("constant", ())
    names = (constant,) if isinstance(constant, str) else tuple(constant)
    return Options(**{**given, "constant": names})


def is_constant(name: str, constant: Iterable[str]) -> bool:
    """Is the leaf, or an argument or container that it is part of, one of these names?"""
    return any(name == one or name.startswith((f"{one}[", f"{one}.")) for one in constant)


def require_known(constant: Sequence[str], names: Iterable[str]) -> None:
    """Raises GradcheckInputError for a constant that is none of these inputs and no part of one."""
    names = list(dict.fromkeys(names))
    for one in constant:
        if not any(is_constant(name, [one]) for name in names):
            raise GradcheckInputError(
                f"constant contains {one!r}, but the inputs are {', '.join(names)}."
            )
