"""What a run's numbers may depend on besides recipe and seed: versions, BLAS, threads, machine."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info

from minigan import __version__, recipe
from minigan.backends import open_backend
from minigan.errors import UserError

CUPY_PACKAGES = ("cupy-cuda13x", "cupy-cuda12x", "cupy")


def environment() -> dict[str, Any]:
    """The surroundings of this process, ready for JSON."""
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


def information() -> str:
    """The same for people: one fact per line, and what to do about what is missing."""
    facts = environment()
    try:
        cuda = open_backend("cuda").name
    except UserError as error:
        cuda = f"not available: {error}"
    pools = "; ".join(
        f"{pool['library']} {pool['version']}, kernel {pool['kernel']}, {pool['threads']} threads"
        for pool in facts["blas"]
    )
    lines = {
        "minigan": facts["minigan"],
        "python": facts["python"],
        "numpy": facts["numpy"],
        "blas": pools or "not known",
        "processor": f"{facts['processor']} ({facts['processors']} cores)",
        "system": facts["system"],
        "device cpu": "available",
        "device cuda": cuda,
        "recipes": ", ".join(recipe.names()),
    }
    return "\n".join(f"{name:12} {value}" for name, value in lines.items())


def version_of(package: str) -> str | None:
    """The installed version of a package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def blas() -> list[dict[str, Any]]:
    """Every BLAS library in this process: its name, version, kernel and number of threads."""
    # NumPy loads its BLAS when it is imported; threadpoolctl sees loaded libraries only.
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
    """The processor's model name where the system tells, else its architecture."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            models = [line.split(":", 1)[1].strip() for line in file if "model name" in line]
    except OSError:
        models = []
    return models[0] if models else platform.processor() or platform.machine()
