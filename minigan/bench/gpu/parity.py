"""Everything that a GPU computes, held against the CPU: one check for each thing.

    for check in CHECKS:
        run_check(check, backend, workload)        name, largest error, allowed error, passed

The kernels' checks come first, so that the first that fails is the nearest to the mistake.
"""

from __future__ import annotations

from collections.abc import Iterator

from minigan.backends.cupy import CuPyBackend
from minigan.bench.gpu import blocks, kernels, whole
from minigan.bench.gpu.check import CheckResult, run_check
from minigan.bench.gpu.workload import GPUWorkload

CHECKS = (*kernels.CHECKS, *blocks.CHECKS, *whole.CHECKS)


def parity(backend: CuPyBackend, workload: GPUWorkload) -> Iterator[CheckResult]:
    """The outcome of every check, each as soon as it is known."""
    for check in CHECKS:
        yield run_check(check, backend, workload)
