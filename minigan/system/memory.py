"""The memory of this machine, and the limit of this process."""

from __future__ import annotations

import os

MiB = 2**20
LIBRARIES, EACH_THREAD = 150 * MiB, 20 * MiB  # address space: measured with NumPy and its OpenBLAS


def memory() -> int | None:
    """The physical memory in bytes, or None if the system does not report it."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not a POSIX system
        return None


def missing_address_space() -> str | None:
    """A sentence if the libraries do not fit below the limit of the address space, else None.

    OpenBLAS ends the process without a reason if it gets no memory, so this is checked before.
    """
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    except (ImportError, AttributeError):  # not a POSIX system
        return None
    needed = LIBRARIES + EACH_THREAD * _threads()
    if limit == resource.RLIM_INFINITY or limit >= needed:
        return None
    return (
        f"not enough memory: the limit is {limit // MiB} MiB (ulimit -v), and minigan needs at "
        f"least {needed // MiB} MiB: raise the limit"
    )


def _threads() -> int:
    """The number of threads that OpenBLAS starts."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        value = os.environ.get(name, "")
        if value.isdecimal() and int(value) > 0:
            return min(int(value), os.cpu_count() or 1)
    return os.cpu_count() or 1
