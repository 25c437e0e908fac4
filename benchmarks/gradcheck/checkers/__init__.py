"""The checkers, one module each: a function `check(case)`, which returns a `Result`.

Each checker gets the same NumPy functions and the same points, and has its default options. A
checker that takes one point is called for each point of a case.
"""

from __future__ import annotations

CHECKERS = ("minigan", "torch", "jax", "autograd", "scipy")
