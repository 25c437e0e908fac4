"""The memory size of this machine."""

from __future__ import annotations

import os


def memory() -> int | None:
    """The physical memory in bytes, or None if the system does not report it."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not a POSIX system
        return None
