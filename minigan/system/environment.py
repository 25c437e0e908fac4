"""The software and hardware that a run's numbers may depend on, besides recipe and seed."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from minigan import __version__

CUPY_PACKAGES = ("cupy-cuda13x", "cupy-cuda12x", "cupy")


def environment() -> dict[str, Any]:
    """Versions, BLAS libraries and processor of this process, as a dictionary for JSON."""
    return {
        "minigan": __version__,
        "python": sys.version.split()[0],
        "numpy": version_of("numpy"),
        "cupy": next((v for name in CUPY_PACKAGES if (v := version_of(name))), None),
        "blas": blas(),
        "processor": processor(),
        "processors": os.cpu_count(),
        "system": platform.platform(),
    }


def environment_changes(then: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The changes that may affect the rounding of a resumed run: "numpy was 2.4.6 and is 2.5.0"."""
    changes = []
    for name in ("minigan", "numpy", "cupy", "device", "processor"):
        if then.get(name) != now[name]:
            changes.append(f"{name} was {then.get(name)} and is {now[name]}")
    if (ranks := then.get("ranks", 1)) != now.get("ranks", 1):  # a run of one rank has no entry
        changes.append(f"the number of ranks was {ranks} and is {now.get('ranks', 1)}")
    before, after = blas_text(then.get("blas")), blas_text(now["blas"])
    if before != after:
        changes.append(f"blas was {before} and is {after}")
    return changes


def blas_text(pools: Any) -> str:
    """A description of the BLAS libraries that `blas` lists; "not known" if there is none."""
    if not isinstance(pools, list) or not all(isinstance(pool, dict) for pool in pools):
        return "not known"
    descriptions = [
        f"{pool.get('library')} {pool.get('version')}, kernel {pool.get('kernel')}, "
        f"{pool.get('threads')} threads"
        for pool in pools
    ]
    return "; ".join(descriptions) or "not known"


def version_of(package: str) -> str | None:
    """The installed version of a package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def blas() -> list[dict[str, Any]]:
    """The name, version, kernel and number of threads of every BLAS library in this process."""
    # NumPy loads its BLAS when it is imported; threadpoolctl finds loaded libraries only.
    assert np.__version__
    return [
        {
            "library": pool["internal_api"],
            "version": pool.get("version"),
            "kernel": pool.get("architecture"),
            "threads": pool["num_threads"],
        }
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]


def processor() -> str:
    """The model name of the processor if the system reports it, else its architecture."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            models = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
    except OSError:
        models = []
    return models[0] if models else platform.processor() or platform.machine()
