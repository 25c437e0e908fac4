"""The checks of blocks pass with the correct kernels, and each planted fault fails them."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.backends.numpy import NumPyBackend
from minigan.bench.gpu import blocks
from minigan.bench.gpu.check import run_check
from minigan.bench.gpu.workload import FULL, QUICK

pytestmark = pytest.mark.cupy

CHECKS = {check.name: check for check in blocks.CHECKS}


@pytest.mark.parametrize("name", CHECKS)
def test_the_check_passes(backend, name):
    found = run_check(CHECKS[name], backend, QUICK)
    assert (found.passed, found.fault) == (True, "")


FAULTS = {
    "relu is the identity": (
        ("return x <= 0 ? 0 : x;", "return x;"),
        ["relu, forward", "relu and dropout, forward"],
    ),
    "dropout without 1 / keep": (
        ("x * (float)mask[t] * scale", "x * (float)mask[t]"),
        ["dropout, forward", "maxout and dropout, backward", "sigmoid and dropout, forward"],
    ),
    "maxout without its last piece": (
        ("for (int p = 1; p < pieces; p++)", "for (int p = 1; p < pieces - 1; p++)"),
        ["maxout, forward"],
    ),
    "a tie of maxout goes to every piece": (
        ("wins = wins && row[earlier * u + j] != y[t];", "wins = wins;"),
        ["maxout, backward"],
    ),
    "relu has slope 1 at 0": (("(y[t] > 0 ? 1 : 0)", "(y[t] >= 0 ? 1 : 0)"), ["relu, backward"]),
    "the gradient of a bias without one eighth of the rows": (
        ("for (int r = 1; r < ROWS; r++)", "for (int r = 2; r < ROWS; r++)"),
        ["linear, backward", "logit, backward", "sigmoid, backward"],
    ),
    "a logit is the sum of half of its lanes": (
        ("apart > 0; apart /= 2", "apart > 1; apart /= 2"),
        ["logit, forward"],
    ),
    "dx of the logit uses one weight for all units": (
        ("dx[t] = da[i] * w[j];", "dx[t] = da[i] * w[0];"),
        ["logit, backward"],
    ),
    "the slope of sigma without the square": (
        ("((1 + e) * (1 + e))", "(1 + e)"),
        ["sigmoid, backward"],
    ),
    "sigma without its left half": (
        ("(x >= 0 ? 1 : e) / (1 + e)", "1 / (1 + e)"),
        ["sigmoid, forward"],
    ),
    "one row too many is read": (
        (
            "i < m; i += ROWS)\n            part += da[(long",
            "i <= m; i += ROWS)\n            part += da[(long",
        ),
        ["linear, backward"],
    ),
    "no barrier before the parts of a sum are added": (
        ("= part;\n    __syncthreads();\n    if (threadIdx.y", "= part;\n    if (threadIdx.y"),
        ["linear, backward"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_fails_these_checks(broken, fault):
    (old, new), names = FAULTS[fault]
    backend = broken(old, new)
    for name in names:
        assert not run_check(CHECKS[name], backend, QUICK).passed, name


def test_an_access_beyond_an_array_is_the_fault_of_the_check(broken):
    (old, new), (name,) = FAULTS["one row too many is read"]
    assert "OutOfBounds" in run_check(CHECKS[name], broken(old, new), QUICK).fault


def test_the_products_of_a_case_are_exact_in_any_order():
    m, n, u = FULL.blocks[-4]
    case = blocks.block_case(blocks.KINDS["maxout"](u), m, n, False, seed=1)
    trace = blocks.forward_trace(case, NumPyBackend())
    gradients = blocks.block_gradients(case, trace, NumPyBackend())
    W = case.theta[: n * u * blocks.PIECES].reshape(n, -1).astype(np.float64)
    b = case.theta[n * u * blocks.PIECES :]
    np.testing.assert_array_equal(trace.layers[0].y, case.x.astype(np.float64) @ W + b)
    da = trace.layers[1].dx.astype(np.float64)
    np.testing.assert_array_equal(gradients["linear1.W"], case.x.T @ da)
    np.testing.assert_array_equal(gradients["linear1.b"], da.sum(axis=0))
    np.testing.assert_array_equal(gradients["dx"], da @ W.T)
