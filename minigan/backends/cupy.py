"""An NVIDIA GPU: arrays are CuPy's, made from host arrays and copied back on request.

CuPy is imported only when it is asked for.
"""

from __future__ import annotations

import importlib
from typing import Any

from minigan.arrays import Array
from minigan.errors import UserError


class CuPyBackend:
    """`minigan.backends.protocol.Backend` for CuPy, given the imported module."""

    def __init__(self, cupy: Any) -> None:
        self.xp = cupy
        device = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
        self.name = f"cuda ({device['name'].decode()})"

    def asarray(self, host: Array) -> Array:
        """A copy on the GPU."""
        x: Array = self.xp.asarray(host)
        return x

    def to_host(self, x: Array) -> Array:
        """A copy in host memory."""
        host: Array = self.xp.asnumpy(x)
        return host


def open_cupy() -> CuPyBackend:
    """The GPU's backend. Raises UserError where CuPy or the GPU is missing."""
    try:
        cupy = importlib.import_module("cupy")
    except ImportError as error:
        reason = error.__cause__ or error  # CuPy wraps the cause in a page of advice
        raise UserError(
            "device cuda needs CuPy, which cannot be imported here "
            f"({reason}): install it with pip install 'minigan[cuda]'"
        ) from None
    if not cupy.is_available():
        raise UserError(
            "device cuda needs an NVIDIA GPU with its driver, and CuPy finds none on this "
            "machine: use --device cpu, or check that nvidia-smi lists a GPU"
        )
    return CuPyBackend(cupy)
