"""Check one value of a file or an argument; the error names the value and what is allowed.

one_of("data.order", order, ORDERS)        one of some names
within("training.k", k, 1, 1000)           a number in a range
without_effect(name, value, neutral, ...)  the only value of a setting that has no effect
closest_name("optimiser", known)           did you mean optimizer?
"""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Sequence
from datetime import date, time
from typing import Any

from minigan.errors import UserError

LONGEST_NAME = 60  # characters of an unknown name for which a similar one is searched


class _Short(reprlib.Repr):
    """Values as in TOML or JSON, and not longer than a line."""

    def repr_bool(self, value: bool, level: int) -> str:
        return str(value).lower()

    def repr_NoneType(self, value: None, level: int) -> str:
        return "null"

    def repr_date(self, value: date | time, level: int) -> str:
        return value.isoformat()

    def repr_tuple(self, value: tuple[Any, ...], level: int) -> str:
        return self.repr_list(list(value), level)

    repr_datetime = repr_time = repr_date


SHORT = _Short()
SHORT.maxstring = SHORT.maxother = SHORT.maxlong = 60


def one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise UserError if the value is not one of the choices."""
    if value not in choices:
        raise UserError(f"{name} = {SHORT.repr(value)} must be one of {', '.join(choices)}")


def closest_name(name: str, known: Sequence[str], prefix: str = "") -> str:
    """The end of a message about an unknown name: the most similar known name, or all of them."""
    # The time of difflib grows with the length of the name.
    near = difflib.get_close_matches(name[:LONGEST_NAME], known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {prefix}{near[0]}?"
    return f"use one of {', '.join(prefix + one for one in known)}"


def within(name: str, value: float, low: float, high: float, given: str = "") -> None:
    """Raise UserError if the number is NaN or outside [low, high].

    given: another setting on which the range depends, and its value.
    """
    if not low <= value <= high:
        condition = f" with {given}" if given else ""
        range_text = f"must be between {low} and {high}{condition}"
        raise UserError(f"{name} = {SHORT.repr(value)} {range_text}")


def without_effect(
    name: str, value: Any, neutral: Any, reason: str, required: bool = False
) -> None:
    """Raise UserError if a setting that has no effect, for this reason, is not `neutral`.

    This is its default, or the one value that is accepted if the setting is `required`.
    """
    if value != neutral:
        raise UserError(
            f"{name} = {SHORT.repr(value)} has no effect {reason}: set it to "
            f"{'' if required else 'its default, '}{SHORT.repr(neutral)}"
        )
