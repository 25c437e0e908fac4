"""A backend says where arrays live: on the CPU with NumPy, or on a GPU with CuPy.

The maths asks `array_module(x)` and is the same code on both; a backend only makes arrays and
moves them. `open_backend("cuda")` without a GPU is one clear sentence, never a silent fallback.
"""

from __future__ import annotations

from minigan.backends import cupy, numpy
from minigan.backends.protocol import Backend
from minigan.errors import UserError

DEVICES = ("cpu", "cuda")


def open_backend(device: str) -> Backend:
    """The backend of "cpu" or "cuda". Raises UserError where the device is not to be had."""
    if device == "cpu":
        return numpy.NumPyBackend()
    if device == "cuda":
        return cupy.open_cupy()
    raise UserError(f"there is no device {device!r}: choose one of {', '.join(DEVICES)}")
