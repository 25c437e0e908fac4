"""The environment of a verification: the device, its driver, the libraries, the commit.

A value that cannot be determined is None; no function here raises an error.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import minigan
from minigan.backends.cupy import CuPyBackend
from minigan.system.environment import blas_text, environment

VARIABLES = ("CUPY_TF32", "CUPY_ACCELERATORS", "CUDA_VISIBLE_DEVICES", "CUDA_LAUNCH_BLOCKING")
SECONDS = 20  # time limit of a program that prints a value
CHECKOUT = Path(minigan.__file__).parent.parent


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


def commit(checkout: Path = CHECKOUT) -> tuple[str | None, bool]:
    """The commit of a checkout, and whether minigan has changed since; None without git."""
    head = _output_of(["git", "-C", str(checkout), "rev-parse", "HEAD"])
    top = _output_of(["git", "-C", str(checkout), "rev-parse", "--show-toplevel"])
    if head is None or top is None or Path(top).resolve() != checkout.resolve():
        return None, False  # installed in a folder of another repository
    changes = _output_of(["git", "-C", str(checkout), "status", "--porcelain", "--", "minigan"])
    return head, changes != ""


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
    lines = (_output_of(query) or "").splitlines()
    return lines[0].strip() if lines else None


def _output_of(command: Sequence[str]) -> str | None:
    """The output of a program without the last newline; None if it fails or is not installed."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
