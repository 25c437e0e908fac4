"""The checks of objectives, update, draws and products pass; each planted fault fails them."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.bench.gpu import kernels
from minigan.bench.gpu.check import run_check
from minigan.bench.gpu.workload import QUICK

pytestmark = pytest.mark.cupy

CHECKS = {check.name: check for check in kernels.CHECKS}
LOSSES = [name for name in CHECKS if "gradient" in name]


@pytest.mark.parametrize("name", CHECKS)
def test_the_check_passes(backend, name):
    found = run_check(CHECKS[name], backend, QUICK)
    assert (found.passed, found.fault) == (True, "")


FAULTS = {
    "the gradient of V without its weight": (
        ("sigma(-real) / (float)m * weight", "sigma(-real) / (float)m"),
        ["V with its gradient"],
    ),
    "softplus without log1p": (("relu(x) + log1pf(expf(-fabsf(x)))", "relu(x)"), LOSSES),
    "a mean without half of its threads": (
        ("for (int half = THREADS / 2;", "for (int half = THREADS / 4;"),
        LOSSES,
    ),
    "both objectives have the same gradient": (
        ("sigma(sign * a[i]) / -", "sigma(a[i]) / -"),
        LOSSES[-1:],
    ),
    "descent ascends": (("- g[t] * eta", "+ g[t] * eta"), ["descent"]),
    "one thread too many updates": (
        ("if (t >= size)\n        return;\n    v", "if (t > size)\n        return;\n    v"),
        ["descent"],
    ),
    "Philox has another multiplier": (
        ("high1 = __umul64hi(0xCA5A826395121157", "high1 = __umul64hi(0xCA5A826395121159"),
        ["noise", "masks"],
    ),
    "a uniform number has 23 bits": (("(half >> 8)", "(half >> 9 << 1)"), ["noise"]),
    "a mask uses 8 bits per entry": (("16 * (i % 4) & 0xffff", "8 * (i % 4) & 0xffff"), ["masks"]),
    "all masks are drawn from one stream": (("streams[l], step", "streams[0], step"), ["masks"]),
    "rows are gathered with another index": (("indices[t / u]", "indices[t % m]"), ["minibatches"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_fails_these_checks(broken, fault):
    (old, new), names = FAULTS[fault]
    backend = broken(old, new)
    for name in names:
        assert not run_check(CHECKS[name], backend, QUICK).passed, name


def test_products_with_factors_of_11_bits_fail(backend, monkeypatch):
    """TF32 rounds factors in this way."""

    def rounded(x):
        bits = np.asarray(x.get(), np.float32).view(np.uint32)
        bits = (bits + np.uint32(0x1000)) & np.uint32(0xFFFFE000)
        return backend.asarray(bits.view(np.float32))

    matmul = backend.xp.matmul
    monkeypatch.setattr(
        backend.xp, "matmul", lambda a, b, out: matmul(rounded(a), rounded(b), out=out)
    )
    found = run_check(CHECKS["products of cuBLAS"], backend, QUICK)
    assert not found.fault
    assert found.error > 10 * found.allowed
