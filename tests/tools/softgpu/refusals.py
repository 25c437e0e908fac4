"""Two kinds of error: what CuPy refuses too, and what CuPy lets pass with a wrong number.

A third says that the stand-in has not learnt something that CuPy can do.
"""

from __future__ import annotations


class RefusedByCuPy(TypeError):
    """CuPy raises here as well: the program would stop on a GPU."""


class MissedByCuPy(RuntimeError):
    """CuPy goes on here, with a wrong or undefined number: the program would be silently wrong."""


class Untaught(AttributeError):
    """CuPy can do this; the stand-in has not been taught it yet."""
