"""All checks have different names, and a check that fails does not stop the others."""

from __future__ import annotations

import pytest

from minigan.backends.cuda import fused
from minigan.backends.cuda.launcher import signatures
from minigan.bench.gpu import blocks, device_layers, kernels, parity, whole
from minigan.bench.gpu.workload import QUICK


def test_every_check_has_a_different_name():
    names = [check.name for check in parity.CHECKS]
    assert len(set(names)) == len(names)
    parts = blocks, device_layers, kernels, whole
    assert set(parity.CHECKS) == {check for part in parts for check in part.CHECKS}


@pytest.mark.cupy
def test_the_checks_of_blocks_and_kernels_launch_every_kernel(cupy, backend):
    for check in (*blocks.CHECKS, *device_layers.CHECKS, *kernels.CHECKS):
        check.measure(backend, QUICK)
    assert set(signatures(fused.source())) <= set(cupy.ledger.launches)


@pytest.mark.cupy
def test_after_a_failed_check_the_others_are_run(broken, monkeypatch):
    checks = [c for c in parity.CHECKS if c.name in ("descent", "noise", "linear, forward")]
    monkeypatch.setattr(parity, "CHECKS", checks)
    found = parity.parity(broken("(half >> 8)", "(half >> 7)"), QUICK)
    passed = {one.name: one.passed for one in found}
    assert passed == {"descent": True, "noise": False, "linear, forward": True}
