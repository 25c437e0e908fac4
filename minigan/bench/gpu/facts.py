"""What a verification holds for: the device, its driver, the libraries, the commit.

What cannot be found out is None; nothing here fails.
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
from minigan.system.environment import environment, pools_in_words

VARIABLES = ("CUPY_TF32", "CUPY_ACCELERATORS", "CUDA_VISIBLE_DEVICES", "CUDA_LAUNCH_BLOCKING")
SECONDS = 20  # for a program that tells something
CHECKOUT = Path(minigan.__file__).parent.parent


def device(backend: CuPyBackend) -> dict[str, Any]:
    """The GPU: its name, what it is, and the driver's version."""
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
    """minigan, Python, NumPy, CuPy, the parts of CUDA, the processor beside it."""
    cupy, facts = backend.xp, environment()
    told = {
        name: facts[name] for name in ("minigan", "python", "numpy", "cupy", "processor", "system")
    }
    return {
        **told,
        "blas": pools_in_words(facts["blas"]),
        "CUDA of the driver": cupy.cuda.runtime.driverGetVersion(),
        "CUDA of CuPy": cupy.cuda.runtime.runtimeGetVersion(),
        "NVRTC": asked(lambda: ".".join(map(str, _call(cupy, "nvrtc.getVersion")))),
        "cuBLAS": asked(
            lambda: _call(cupy, "cublas.getVersion", _call(cupy, "device.get_cublas_handle"))
        ),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


def commit(checkout: Path = CHECKOUT) -> tuple[str | None, bool]:
    """The commit of a checkout, and whether minigan has changed since; None where git is not."""
    head = _said(["git", "-C", str(checkout), "rev-parse", "HEAD"])
    top = _said(["git", "-C", str(checkout), "rev-parse", "--show-toplevel"])
    if head is None or top is None or Path(top).resolve() != checkout.resolve():
        return None, False  # installed below somebody else's repository
    changes = _said(["git", "-C", str(checkout), "status", "--porcelain", "--", "minigan"])
    return head, changes != ""


def asked(question: Callable[[], Any]) -> Any:
    """The answer, or None: libraries differ in what they tell, and how they refuse."""
    try:
        return question()
    except Exception:  # a missing library, function or version is no reason to stop
        return None


def _call(cupy: Any, name: str, *arguments: Any) -> Any:
    """A function of cupy.cuda's parts, which are compiled and not in any list of signatures."""
    return attrgetter(name)(cupy.cuda)(*arguments)


def _driver() -> str | None:
    query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    lines = (_said(query) or "").splitlines()
    return lines[0].strip() if lines else None


def _said(command: Sequence[str]) -> str | None:
    """What a program prints, without the last newline; None where it fails or is not there."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
