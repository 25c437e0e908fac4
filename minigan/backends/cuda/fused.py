"""The GPU backend with CUDA kernels for networks, objectives, updates and draws.

The kernels are in kernels.cu. Above each kernel, a comment shows the NumPy code that it replaces. A
part without a kernel (a custom layer, objective or optimizer) runs unchanged on CuPy arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from importlib import resources
from typing import Any

from minigan.arrays import Array
from minigan.backends.cuda.blocks import FusedNetwork
from minigan.backends.cuda.deferred import DeferredCheck
from minigan.backends.cuda.device_draws import DeviceDraws
from minigan.backends.cuda.launcher import Launcher
from minigan.backends.cupy import CuPyBackend
from minigan.draws.minibatches import Draws, Minibatches
from minigan.finite import FiniteCheck
from minigan.network import Network
from minigan.objectives import Objective, minimax, non_saturating, value, value_gradient
from minigan.optimizers import Momentum, Optimizer
from minigan.parameters import Parameters

KERNELS = resources.files("minigan.backends.cuda") / "kernels.cu"
SIGN = {  # s in the loss of G, mean -s softplus(s a)
    (minimax.loss, minimax.loss_gradient): 1.0,
    (non_saturating.loss, non_saturating.loss_gradient): -1.0,
}


def source() -> str:
    """The CUDA source of the kernels."""
    return KERNELS.read_text("utf-8")


class FusedBackend(CuPyBackend):
    """`minigan.backends.protocol.Backend` for CuPy with the kernels of kernels.cu."""

    def __init__(self, cupy: Any, device: int = 0) -> None:
        super().__init__(cupy, device)
        self._launch = Launcher(cupy, source())

    def network(self, network: Network) -> Network:
        """The network with kernels for its blocks of layers."""
        return FusedNetwork(network.inputs, network.layers, self.xp, self._launch)

    def draws(self, host: Draws) -> Draws:
        """The same draws on the device: `Minibatches` are drawn there, other draws are copied."""
        if type(host) is Minibatches:
            return DeviceDraws(host, self.xp, self._launch)
        return super().draws(host)

    def check(self) -> FiniteCheck:
        """A check that keeps the losses on the device and checks many at a time."""
        return DeferredCheck(self.xp)

    def optimizer(self, optimizer: Optimizer) -> Optimizer:
        """Momentum with a kernel for its update; another optimizer unchanged."""
        if type(optimizer) is not Momentum:
            return optimizer
        fused = FusedMomentum(
            optimizer.theta, optimizer.eta, optimizer.mu, optimizer.updates, launch=self._launch
        )
        fused.v = optimizer.v
        return fused

    def objective(self, objective: Objective, check: FiniteCheck) -> Objective:
        """The objective with kernels for Eq. 1 and for minigan's losses of G.

        The kernels write each loss to a slot of `check`.
        """
        assert isinstance(check, DeferredCheck)
        functions = {one.name: getattr(objective, one.name) for one in fields(Objective)}
        return FusedObjective(**functions, launch=self._launch, check=check)


@dataclass
class FusedMomentum(Momentum):
    """`Momentum` with one kernel per update."""

    launch: Launcher = field(kw_only=True, repr=False)

    def descend(self, g: Parameters) -> None:
        """v <- mu v - eta g; theta <- theta + v."""
        self._update(g, **self.hyperparameters(self.updates))

    def ascend(self, g: Parameters) -> None:
        """v <- mu v + eta g; theta <- theta + v."""
        now = self.hyperparameters(self.updates)
        self._update(g, eta=-now["eta"], mu=now["mu"])

    def _update(self, g: Parameters, eta: float, mu: float) -> None:
        theta, v = self.theta.vector, self.v
        self.launch.each("descend", v.size, theta, g.vector, v, eta, mu, v.size)
        self.theta.changed()
        self.updates += 1


@dataclass(frozen=True)
class FusedObjective(Objective):
    """An `Objective` with one kernel for a loss and its gradient, if there is such a kernel."""

    launch: Launcher = field(kw_only=True, repr=False, compare=False)
    check: DeferredCheck = field(kw_only=True, repr=False, compare=False)

    def value_with_gradient(self, a: Array, weight: float, *, out: Array) -> Any:
        """V, in the next slot of the check; writes weight * dV/da to out (2m, 1)."""
        if (self.value, self.value_gradient) != (value, value_gradient):
            return super().value_with_gradient(a, weight, out=out)
        V, m = self.check.slot, len(a) // 2
        self.launch.together("value_with_gradient", a, weight, out, V, m)
        return V

    def loss_with_gradient(self, a: Array, a_real: Array | None = None, *, out: Array) -> Any:
        """G's loss, in the next slot of the check; writes its gradient to out (m, 1)."""
        functions = self.loss, self.loss_gradient
        if functions not in SIGN:
            return super().loss_with_gradient(a, a_real, out=out)
        loss = self.check.slot
        self.launch.together("loss_with_gradient", a, SIGN[functions], out, loss, len(a))
        return loss
