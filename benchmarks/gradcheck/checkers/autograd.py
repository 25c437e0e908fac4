"""autograd.test_util.check_grads (HIPS) of a primitive that calls the NumPy code."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from autograd.extend import defvjp, primitive
from autograd.test_util import check_grads
from corpus.operation import Case

from checkers.result import FloatingCase, Result, at_every_point, exception_text

VERSION = f"autograd {version('autograd')}"


def check(case: Case) -> Result:
    """check_grads at every point."""
    return at_every_point(case, at_point)


def at_point(at: FloatingCase) -> Result:
    """check_grads of order 1 in reverse mode at one point."""
    operation = primitive(at.forward)

    def gradient_of(k):
        return lambda y, *xs: lambda dy: at.backward(dy, *xs)[k]

    defvjp(operation, *(gradient_of(k) for k in range(len(at.floating))))
    np.random.seed(0)  # noqa: NPY002 (check_grads draws from the global state)
    every = tuple(range(len(at.floating)))
    try:
        check_grads(operation, every, modes=["rev"], order=1)(*at.floating)
    except AssertionError as error:
        return Result("failed", str(error))
    except Exception as error:
        return Result("error", exception_text(error))
    return Result("passed")
