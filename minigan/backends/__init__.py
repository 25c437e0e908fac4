"""A backend says where arrays live: on the CPU with NumPy, or on a GPU with CuPy.

    get_backend("numpy")                 the CPU
    get_backend("cupy", device=1)        the second GPU
    open_backend("cuda:1")               the same, in the words of --device

The maths asks `array_module(x)` and is the same code on both; a backend makes arrays, moves them,
and may replace some functions by faster ones of the same numbers. Without a GPU "cuda" is one
clear sentence, never a silent fallback.
"""

from __future__ import annotations

import re

from minigan.backends.cuda.fused import KERNELS, FusedBackend
from minigan.backends.cupy import CuPyBackend, import_cupy
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend
from minigan.errors import UserError


def get_backend(name: str, device: int = 0) -> Backend:
    """The backend "numpy" or "cupy". Raises UserError where it is not to be had."""
    if name == "numpy":
        return NumPyBackend()
    if name != "cupy":
        raise UserError(f"there is no backend {name!r}: choose numpy or cupy")
    cupy = import_cupy()
    count = cupy.cuda.runtime.getDeviceCount()
    if not 0 <= device < count:
        those = "cuda:0" if count == 1 else f"cuda:0 to cuda:{count - 1}"
        raise UserError(f"there is no device cuda:{device} on this machine: choose {those}")
    return FusedBackend(cupy, device) if KERNELS.is_file() else CuPyBackend(cupy, device)


def open_backend(device: str) -> Backend:
    """The backend of "cpu", "cuda" or "cuda:1". Raises UserError where it is not to be had."""
    if device == "cpu":
        return get_backend("numpy")
    if named := re.fullmatch(r"cuda(?::([0-9]{1,4}))?", device):
        return get_backend("cupy", int(named[1] or 0))
    raise UserError(f"there is no device {device!r}: choose cpu, cuda or cuda:1")
