"""The losses of E for a fixed G, by name. Each has J and its gradient in e = E(x), with x = G(z).

    z        J = 1/m sum_i |e_i - z_i|^2         dJ/de_i = 2 (e_i - z_i) / m
    images   J = 1/m sum_i |x_i - G(e_i)|^2      dJ/de_i = (df/de_i) / m,  f_i = |x_i - G(e_i)|^2

The loss "images" measures the distance that users see: it is 0 if G(E(x)) = x, whichever of the z
of x is found. df/de is the backward pass of G (`evaluation.residual`). theta_g does not change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from minigan.arrays import Array, array_module
from minigan.evaluation.inference import prediction_error, prediction_error_gradient
from minigan.evaluation.residual import reconstruction_error, reconstruction_gradient
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.trace import Trace
from minigan.training.sampler import Sampler

RATES = {"images": 0.002, "z": 0.01}  # the first learning rate of E, chosen by this project
LOSSES = tuple(RATES)


class EncoderLoss(Protocol):
    """J of rows e = E(x), x and z, and its gradient in e."""

    def error(self, e: Array, x: Array, z: Array) -> Any:
        """J."""

    def gradient(self, e: Array, x: Array, z: Array) -> Array:
        """dJ/de (m, z_size)."""


class PredictionLoss:
    """J = 1/m sum_i |e_i - z_i|^2."""

    def error(self, e: Array, x: Array, z: Array) -> Any:
        """J."""
        return prediction_error(e, z)

    def gradient(self, e: Array, x: Array, z: Array) -> Array:
        """dJ/de."""
        return prediction_error_gradient(e, z)


@dataclass
class ReconstructionLoss:
    """J = 1/m sum_i |x_i - G(e_i)|^2, for a fixed theta_g."""

    G: Network
    theta_g: Parameters
    trace: Trace | None = field(default=None, init=False)  # of G at e; its buffers are used again

    def error(self, e: Array, x: Array, z: Array) -> Any:
        """J."""
        return reconstruction_error(self._passed(e).y, x)

    def gradient(self, e: Array, x: Array, z: Array) -> Array:
        """dJ/de."""
        return reconstruction_gradient(self.G, self._passed(e), x)

    def _passed(self, e: Array) -> Trace:
        if self.trace is None:
            self.trace = self.G.trace(len(e), e.dtype, array_module(e))
        return self.G.forward(self.theta_g, e, trace=self.trace)


def loss_of(name: str, sampler: Sampler) -> EncoderLoss:
    """The loss of this name, for the G of the sampler."""
    if name == "z":
        return PredictionLoss()
    return ReconstructionLoss(sampler.G, sampler.theta_g)
