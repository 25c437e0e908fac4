"""The environment of a verification: the device, its driver, the libraries.

A value that cannot be determined is None; no function here raises an error.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from minigan.backends.cupy import CuPyBackend
from minigan.system.commit import output_of
from minigan.system.environment import blas_text, environment

VARIABLES = ("CUPY_TF32", "CUPY_ACCELERATORS", "CUDA_VISIBLE_DEVICES", "CUDA_LAUNCH_BLOCKING")


def device(backend: CuPyBackend) -> dict[str, Any]:
    """The GPU: name, number, compute capability, memory in bytes, multiprocessors, driver."""
    cupy = backend.xp
    properties = cupy.cuda.runtime.getDeviceProperties(backend.device)
    name = properties["name"]
    return {
        "name": name.decode(errors="replace") if isinstance(name, bytes) else str(name),
        "number": backend.device,
        "compute capability": f"{properties['major']}.{properties['minor']}",
        "memory": int(properties["totalGlobalMem"]),
        "multiprocessors": properties.get("multiProcessorCount"),
        "driver": _driver(),
    }


def versions(backend: CuPyBackend) -> dict[str, Any]:
    """Versions of minigan, Python, NumPy, CuPy and the libraries of CUDA; the host's processor."""
    cupy, facts = backend.xp, environment()
    names = ("minigan", "python", "numpy", "cupy", "processor", "system")
    return {
        **{name: facts[name] for name in names},
        "blas": blas_text(facts["blas"]),
        "CUDA of the driver": cupy.cuda.runtime.driverGetVersion(),
        "CUDA of CuPy": cupy.cuda.runtime.runtimeGetVersion(),
        "NVRTC": value_or_none(lambda: ".".join(map(str, _call(cupy, "nvrtc.getVersion")))),
        "cuBLAS": value_or_none(
            lambda: _call(cupy, "cublas.getVersion", _call(cupy, "device.get_cublas_handle"))
        ),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


def value_or_none(f: Callable[[], Any]) -> Any:
    """f(), or None if it raises an exception."""
    try:
        return f()
    except Exception:  # a missing library or function must not stop the verification
        return None


def _call(cupy: Any, name: str, *arguments: Any) -> Any:
    """Call a function of a compiled module of cupy.cuda; `name` is its path below cupy.cuda."""
    return attrgetter(name)(cupy.cuda)(*arguments)


def _driver() -> str | None:
    query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    lines = (output_of(query) or "").splitlines()
    return lines[0].strip() if lines else None
