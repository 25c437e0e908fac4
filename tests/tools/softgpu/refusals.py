"""Errors of the stand-in: CuPy raises too, CuPy gives a wrong number, or it is not implemented."""

from __future__ import annotations


class RefusedByCuPy(TypeError):
    """CuPy raises an error here as well, so the program stops on a GPU."""


class MissedByCuPy(RuntimeError):
    """CuPy raises no error here, and continues with a wrong or undefined number."""


class NotInStandIn(AttributeError):
    """CuPy has this function or option, and the stand-in does not implement it."""
