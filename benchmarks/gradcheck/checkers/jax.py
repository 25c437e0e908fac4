"""jax.test_util.check_grads of a jax.custom_vjp that calls the NumPy code with pure_callback."""

from __future__ import annotations

import jax
import numpy as np
from corpus.operation import Case
from jax.test_util import check_grads

from checkers.result import FloatingCase, Result, at_every_point, exception_text

VERSION = f"jax {jax.__version__}"
jax.config.update("jax_enable_x64", True)
jax.config.update("jax_platforms", "cpu")


def check(case: Case) -> Result:
    """check_grads at every point."""
    return at_every_point(case, at_point)


def at_point(at: FloatingCase) -> Result:
    """check_grads of order 1 in reverse mode at one point."""
    of_inputs = tuple(jax.ShapeDtypeStruct(x.shape, x.dtype) for x in at.floating)
    y = at.forward(*(x.copy() for x in at.floating))
    of_y = jax.ShapeDtypeStruct(y.shape, y.dtype)

    @jax.custom_vjp
    def operation(*xs):
        return jax.pure_callback(lambda *xs: at.forward(*map(np.asarray, xs)), of_y, *xs)

    def backward(xs, dy):
        return jax.pure_callback(
            lambda *args: at.backward(*map(np.asarray, args)), of_inputs, dy, *xs
        )

    operation.defvjp(lambda *xs: (operation(*xs), xs), backward)
    try:
        check_grads(operation, at.floating, order=1, modes=["rev"])
    except AssertionError as error:
        return Result("failed", str(error))
    except Exception as error:
        return Result("error", exception_text(error))
    return Result("passed")
