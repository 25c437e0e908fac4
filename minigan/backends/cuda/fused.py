"""A GPU with kernels: networks, objective, updates and draws of a game, as kernels compute them.

The kernels are in kernels.cu, each below the lines of NumPy that it replaces. What no kernel knows
(a layer, an objective or an optimizer of your own) stays as it is, on arrays of the GPU.
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
SIGN = {  # of the logit in G's loss
    (minimax.loss, minimax.loss_gradient): 1.0,
    (non_saturating.loss, non_saturating.loss_gradient): -1.0,
}


def source() -> str:
    """The CUDA source of the kernels."""
    return KERNELS.read_text("utf-8")


class FusedBackend(CuPyBackend):
    """`minigan.backends.protocol.Backend` for CuPy, with kernels.cu."""

    def __init__(self, cupy: Any, device: int = 0) -> None:
        super().__init__(cupy, device)
        self._launch = Launcher(cupy, source())

    def network(self, network: Network) -> Network:
        """The network, its blocks computed by kernels."""
        return FusedNetwork(network.inputs, network.layers, self.xp, self._launch)

    def draws(self, host: Draws) -> Draws:
        """The same draws: those of `Minibatches` are made on the device, others are copied."""
        if type(host) is Minibatches:
            return DeviceDraws(host, self.xp, self._launch)
        return super().draws(host)

    def check(self) -> FiniteCheck:
        """Losses are examined later, many at a time."""
        return DeferredCheck(self.xp)

    def optimizer(self, optimizer: Optimizer) -> Optimizer:
        """Momentum by a kernel; another optimizer as it is."""
        if type(optimizer) is not Momentum:
            return optimizer
        fused = FusedMomentum(
            optimizer.theta, optimizer.eta, optimizer.mu, optimizer.updates, launch=self._launch
        )
        fused.v = optimizer.v
        return fused

    def objective(self, objective: Objective, check: FiniteCheck) -> Objective:
        """Eq. 1 and both objectives of G by kernels, which write each loss where `check` has it."""
        assert isinstance(check, DeferredCheck)
        functions = {one.name: getattr(objective, one.name) for one in fields(Objective)}
        return FusedObjective(**functions, launch=self._launch, check=check)


@dataclass
class FusedMomentum(Momentum):
    """`Momentum`, one kernel per update."""

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
    """An `Objective`, one kernel for each loss with its gradient where a kernel computes both."""

    launch: Launcher = field(kw_only=True, repr=False, compare=False)
    check: DeferredCheck = field(kw_only=True, repr=False, compare=False)

    def value_with_gradient(self, a: Array, weight: float, *, out: Array) -> Any:
        """V in the check's next slot, and weight dV/da into out (2m, 1)."""
        if (self.value, self.value_gradient) != (value, value_gradient):
            return super().value_with_gradient(a, weight, out=out)
        V, m = self.check.slot, len(a) // 2
        self.launch.together("value_with_gradient", a, weight, out, V, m)
        return V

    def loss_with_gradient(self, a: Array, *, out: Array) -> Any:
        """G's loss in the check's next slot; its gradient into out (m, 1)."""
        functions = self.loss, self.loss_gradient
        if functions not in SIGN:
            return super().loss_with_gradient(a, out=out)
        loss = self.check.slot
        self.launch.together("loss_with_gradient", a, SIGN[functions], out, loss, len(a))
        return loss
