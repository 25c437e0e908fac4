"""Print the registers and memory of each kernel, as the table in docs/backends.md.

cd tests/tools && python -m softgpu.registers
"""

from __future__ import annotations

from minigan.backends.cuda import fused
from minigan.backends.cuda.launcher import OPTIONS
from softgpu import nvrtc


def table(arch: str = "sm_90") -> str:
    """One row for each kernel: registers, bytes spilled, bytes of shared memory of a block."""
    rows = [
        f"| `{name}` | {used.registers} | {used.spill_stores + used.spill_loads} | {used.shared} |"
        for name, used in sorted(nvrtc.usage(fused.source(), OPTIONS, arch).items())
    ]
    head = ["| kernel | registers | bytes spilled | shared memory, bytes |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


if __name__ == "__main__":
    print(table())
