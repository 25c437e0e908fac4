"""The compiler reports that no kernel spills registers to memory."""

from __future__ import annotations

import pytest
from softgpu import nvrtc

from minigan.backends.cuda import fused
from minigan.backends.cuda.launcher import OPTIONS, signatures

pytestmark = pytest.mark.cupy

ARCHITECTURES = ("sm_75", "sm_90")


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_no_kernel_spills_a_register_or_needs_a_stack(arch):
    usage = nvrtc.usage(fused.source(), OPTIONS, arch)
    assert usage.keys() == signatures(fused.source()).keys()
    for name, used in usage.items():
        assert (used.spill_stores, used.spill_loads, used.stack) == (0, 0, 0), name
        assert used.registers <= 64, name  # so that 1,024 threads fit on a multiprocessor


def test_a_spill_is_detected():
    many = "".join(f"float x{i} = x[i0 + {i}] * n;" for i in range(300))
    total = " + ".join(f"x{i} * x{(7 * i) % 300}" for i in range(300))
    source = (
        'extern "C" __global__ void __launch_bounds__(1024) k(float* x, int i0, float n) {'
        f"{many} __syncthreads(); x[0] = {total}; }}"
    )
    assert nvrtc.usage(source, OPTIONS, "sm_90")["k"].spill_stores > 0
