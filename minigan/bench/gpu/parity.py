"""All parity checks: every computation of a GPU, compared with the CPU.

    for check in CHECKS:
        run_check(check, backend, workload)        name, largest error, allowed error, passed

The checks of single kernels come first, so that the first failure is the closest to the mistake.
"""

from __future__ import annotations

from collections.abc import Iterator

from minigan.backends.cupy import CuPyBackend
from minigan.bench.gpu import blocks, device_layers, kernels, whole
from minigan.bench.gpu.check import CheckResult, run_check
from minigan.bench.gpu.workload import GPUWorkload

CHECKS = (*kernels.CHECKS, *blocks.CHECKS, *device_layers.CHECKS, *whole.CHECKS)


def parity(backend: CuPyBackend, workload: GPUWorkload) -> Iterator[CheckResult]:
    """The result of every check, each as soon as it is computed."""
    for check in CHECKS:
        yield run_check(check, backend, workload)
