"""scipy.optimize.check_grad of L = sum(dy * y) with the inputs in one vector.

check_grad returns |gradient - forward difference|, and its user chooses what is too much. Here a
gradient fails above 1e-5 max(1, |gradient|), where the norms are Euclidean.
"""

from __future__ import annotations

import numpy as np
import scipy
from corpus.operation import Case
from scipy.optimize import check_grad

from checkers.result import FloatingCase, Result, at_every_point, exception_text

VERSION = f"scipy {scipy.__version__}"
THRESHOLD = 1e-5


def check(case: Case) -> Result:
    """check_grad at every point."""
    return at_every_point(case, at_point)


def at_point(at: FloatingCase) -> Result:
    """check_grad at one point, with a random dy."""
    xs = at.floating
    ends = np.cumsum([x.size for x in xs])[:-1]
    dy = np.random.default_rng(7).normal(size=at.forward(*(x.copy() for x in xs)).shape)

    def split(vector):
        return [part.reshape(x.shape) for part, x in zip(np.split(vector, ends), xs, strict=True)]

    def loss(vector):
        return np.sum(dy * at.forward(*split(vector)))

    def gradient(vector):
        found = at.backward(dy, *split(vector))
        pairs = zip(found, xs, strict=True)
        return np.concatenate([np.ravel(np.zeros_like(x) if g is None else g) for g, x in pairs])

    start = np.concatenate([x.ravel() for x in xs])
    try:
        error = check_grad(loss, gradient, start)
        allowed = THRESHOLD * max(1.0, float(np.linalg.norm(gradient(start))))
    except Exception as failure:
        return Result("error", exception_text(failure))
    return Result("passed" if error <= allowed else "failed", f"{error:.3g}, allowed {allowed:.3g}")
