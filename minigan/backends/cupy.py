"""The backend for an NVIDIA GPU with CuPy, without kernels of its own.

CuPy is imported only when this backend is opened. The error message names the part that is missing.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, replace
from typing import Any

from minigan.arrays import Array
from minigan.backends.protocol import GameParts
from minigan.draws.minibatches import Draws
from minigan.errors import UserError
from minigan.finite import FiniteCheck
from minigan.network import Network
from minigan.objectives import Objective
from minigan.optimizers import Optimizer
from minigan.system.install import install_command


class CuPyBackend:
    """`minigan.backends.protocol.Backend` for CuPy, without kernels.

    `cupy` is the imported module. The constructor makes `device` the current device of the thread.
    """

    def __init__(self, cupy: Any, device: int = 0) -> None:
        self.xp = cupy
        self.device = device
        cupy.cuda.Device(device).use()
        properties = cupy.cuda.runtime.getDeviceProperties(device)
        number = f":{device}" if device else ""
        self.name = f"cuda{number} ({properties['name'].decode()})"

    @property
    def memory(self) -> int | None:
        """The memory of the GPU in bytes."""
        _, total = self.xp.cuda.runtime.memGetInfo()
        return int(total)

    def asarray(self, host: Array) -> Array:
        """A copy of a host array in GPU memory."""
        x: Array = self.xp.asarray(host)
        return x

    def to_host(self, x: Array) -> Array:
        """A copy of a GPU array in host memory."""
        host: Array = self.xp.asnumpy(x)
        return host

    def network(self, network: Network) -> Network:
        """The network itself: its layers compute with the array module of their inputs."""
        return network

    def draws(self, host: Draws) -> Draws:
        """The draws of the host, copied to the GPU in each step."""
        return CopiedDraws(host, self)

    def optimizer(self, optimizer: Optimizer) -> Optimizer:
        """The optimizer itself."""
        return optimizer

    def check(self) -> FiniteCheck:
        """The finiteness check of a new game."""
        return FiniteCheck()

    def objective(self, objective: Objective, check: FiniteCheck) -> Objective:
        """The objective itself."""
        return objective

    def adapt(self, parts: GameParts) -> GameParts:
        """The counterpart of each part, from the methods above."""
        check = self.check()
        return replace(
            parts,
            G=self.network(parts.G),
            D=self.network(parts.D),
            player_g=self.optimizer(parts.player_g),
            player_d=self.optimizer(parts.player_d),
            draws=self.draws(parts.draws),
            objective=self.objective(parts.objective, check),
            check=check,
        )


@dataclass(frozen=True)
class CopiedDraws:
    """`minigan.draws.minibatches.Draws`: draws of the host, each copied to the device."""

    host: Draws
    backend: CuPyBackend

    def data(self, step: int, *, out: Array | None = None) -> Array:
        """x (m, n)."""
        return copied_to_device(self.host.data(step), self.backend.xp, out)

    def noise(self, player: str, step: int) -> Array:
        """z (m, z_size)."""
        return self.backend.asarray(self.host.noise(player, step))

    def masks(self, player: str, step: int, rows: int) -> list[Array]:
        """One mask (rows, width) for each dropout layer of D."""
        return [self.backend.asarray(mask) for mask in self.host.masks(player, step, rows)]


def copied_to_device(host: Array, xp: Any, out: Array | None = None) -> Array:
    """A copy of a host array on the device, in `out` if it is given."""
    x: Array = xp.asarray(host)
    if out is None:
        return x
    out[...] = x
    return out


def import_cupy() -> Any:
    """The module CuPy. Raises UserError, which names the missing part, if it cannot be used."""
    cupy = _imported("cupy")
    driver, runtime = cupy.cuda.runtime.driverGetVersion(), cupy.cuda.runtime.runtimeGetVersion()
    if driver == 0:
        raise UserError(
            "device cuda needs an NVIDIA GPU with its driver, and CuPy finds no driver on this "
            "machine: use --device cpu, or install the driver, so that nvidia-smi lists a GPU"
        )
    if driver // 1000 < runtime // 1000:
        raise UserError(
            f"device cuda: the driver supports CUDA {driver // 1000}, and this CuPy needs CUDA "
            f"{runtime // 1000}: install a newer driver, or CuPy for CUDA {driver // 1000} with "
            f"{install_command(f'cuda{driver // 1000}x')}"
        )
    for library in ("cublas", "nvrtc"):  # without them the first product or kernel would fail
        _imported(f"cupy_backends.cuda.libs.{library}")
    if not cupy.is_available():
        raise UserError(
            "device cuda needs an NVIDIA GPU, and the driver finds none on this machine: use "
            "--device cpu, or check that nvidia-smi lists a GPU"
        )
    return cupy


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        reason = error.__cause__ or error  # CuPy's own message is a page long; the cause is short
        raise UserError(
            f"device cuda needs CuPy, which cannot be imported here ({reason}): install it with "
            f"{install_command('cuda13x')}, or, for a driver of CUDA 12, with "
            f"{install_command('cuda12x')}"
        ) from None
