"""Backends: the CPU with NumPy, or an NVIDIA GPU with CuPy.

    get_backend("numpy")                 the CPU
    get_backend("cupy", device=1)        the second GPU
    open_backend("cuda:1")               the same, by a device name of the option --device

The mathematics is one code for both array modules. A backend allocates and copies arrays, and it
may replace parts of a game by faster parts with the same results (`protocol`). If there is no GPU,
opening "cuda" raises an error; there is no fallback to the CPU.
"""

from __future__ import annotations

import re

from minigan.backends.cuda import fused
from minigan.backends.cupy import CuPyBackend, import_cupy
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend
from minigan.errors import UserError
from minigan.system.ranks import ALONE, Ranks


def get_backend(name: str, device: int = 0) -> Backend:
    """The backend "numpy" or "cupy"; `device` is the number of the GPU.

    Raises UserError for another name, or if CuPy or the GPU is not available.
    """
    if name == "numpy":
        return NumPyBackend()
    if name != "cupy":
        raise UserError(f"there is no backend {name!r}: choose numpy or cupy")
    cupy = import_cupy()
    count = cupy.cuda.runtime.getDeviceCount()
    if not 0 <= device < count:
        choices = "cuda:0" if count == 1 else f"cuda:0 to cuda:{count - 1}"
        raise UserError(f"there is no device cuda:{device} on this machine: choose {choices}")
    if not fused.KERNELS.is_file():
        return CuPyBackend(cupy, device)
    return fused.FusedBackend(cupy, device)


def open_backend(device: str, ranks: Ranks = ALONE) -> Backend:
    """The backend of a device: "cpu", "cuda" or, for example, "cuda:1".

    With several `ranks`, "cuda" is one GPU for each rank of a machine: cuda:0, cuda:1, ... Raises
    UserError for another name, or if CuPy or the GPU is not available.
    """
    if device == "cpu":
        return get_backend("numpy")
    if match := re.fullmatch(r"cuda(?::([0-9]{1,4}))?", device):
        if match[1] and ranks.size > 1:
            raise UserError(
                f"{device} is one GPU, and each of the {ranks.size} ranks needs its own: use "
                "--device cuda"
            )
        return get_backend("cupy", int(match[1] or ranks.local))
    raise UserError(f"there is no device {device!r}: choose cpu, cuda or cuda:1")
