"""The checks of layers with kernels pass, and each planted fault fails them."""

from __future__ import annotations

import pytest

from minigan.bench.gpu import device_layers
from minigan.bench.gpu.check import run_check
from minigan.bench.gpu.workload import FULL, QUICK
from minigan.network import Network

pytestmark = pytest.mark.cupy

CHECKS = {check.name: check for check in device_layers.CHECKS}


@pytest.mark.parametrize("name", CHECKS)
def test_the_check_passes(backend, name):
    found = run_check(CHECKS[name], backend, QUICK)
    assert (found.passed, found.fault) == (True, "")


FAULTS = {
    "unfold without padding": (
        "int h = stride * p + u - pad, w",
        "int h = stride * p + u, w",
        ["convolution, forward", "deconvolution, backward"],
    ),
    "fold without the last line of a window": (
        "for (int u = 0; u < size; u++) {\n            int p = (h + pad - u)",
        "for (int u = 0; u < size - 1; u++) {\n            int p = (h + pad - u)",
        ["deconvolution, forward", "tied deconvolution, forward", "convolution, backward"],
    ),
    "the minimum of a window": ("if (a > largest ||", "if (a < largest ||", ["pooling, forward"]),
    "a tie of pooling goes to every place": (
        "wins = wins && image[",
        "wins = wins || image[",
        ["pooling, backward"],
    ),
    "the tangent of the last of equal pieces": (
        "for (int p = pieces - 1; p >= 0; p--)",
        "for (int p = 0; p < pieces; p++)",
        ["maxout, penalty"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_fails_these_checks(broken, fault):
    old, new, names = FAULTS[fault]
    backend = broken(old, new)
    for name in names:
        assert not run_check(CHECKS[name], backend, QUICK).passed, name


def test_the_products_of_the_largest_case_are_exact_in_any_order():
    """Every sum is a whole number / 64 below 2^24: float32 has it, however it is added."""
    m, windows, C, units = FULL.images[-1]
    layer, n = device_layers.KINDS["deconvolution"](windows, C, units)
    assert Network(n, (layer,)).outputs == windows.height * windows.width * C
    terms = max(units * windows.size**2, m * windows.positions, windows.size**2 * C)
    assert 64 * 3 * 3 * terms < 2**24
