"""Check the gradients of inference: of E's losses in theta_e, and of the residual in z through G.

dJ / d theta_e                  for every tensor of theta_e, and both losses: |E(x) - z|^2, and
                                |x - G(E(x))|^2 through G
d(sum_i |G(z_i) - x_i|^2) / dz
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigan.arrays import Array, array_module
from minigan.evaluation.inference import prediction_error, prediction_error_gradient
from minigan.evaluation.residual import (
    reconstruction_error,
    reconstruction_gradient,
    residual_gradient,
    squared_residual,
)
from minigan.gradcheck import Row
from minigan.layers import Linear, ReLU, Sigmoid
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.selfcheck.rows import check_rows, normal
from minigan.trace import Trace

M = 3
E = Network(4, (Linear(5, 0.7), ReLU(), Linear(2, 0.7)))
G = Network(2, (Linear(5, 0.7), ReLU(), Linear(4, 0.7), Sigmoid()))


def check_inference() -> tuple[Row, ...]:
    """The rows of E's losses and of the residual."""
    return (*check_prediction_error(), *check_reconstruction_error(), *check_residual())


def check_prediction_error() -> tuple[Row, ...]:
    """The rows of dJ / d theta_e for J = 1/m sum_i |e_i - z_i|^2, with fixed x and z."""
    z = normal("inference/z", M, 2)
    return _check_E(
        "loss of E", lambda e: prediction_error(e, z), lambda e: prediction_error_gradient(e, z)
    )


def check_reconstruction_error() -> tuple[Row, ...]:
    """The rows of dJ / d theta_e for J = 1/m sum_i |x_i - G(e_i)|^2, with fixed x and theta_g."""
    x = normal("inference/x", M, 4)
    return _check_E(
        "reconstruction by E",
        lambda e: reconstruction_error(_pass_of_G(e).y, x),
        lambda e: reconstruction_gradient(G, _pass_of_G(e), x),
    )


def check_residual() -> tuple[Row, ...]:
    """The row of the residual's gradient in z, for fixed x and theta_g."""
    x = normal("residual/x", M, 4)

    def forward(z: Array) -> Any:
        """The squared residual of each row."""
        return squared_residual(_pass_of_G(z).y, x)

    def backward(df: Array, z: Array) -> Array:
        """dz."""
        return df[:, None] * residual_gradient(G, _pass_of_G(z), x)

    return check_rows("residual", forward, backward, normal("residual/z", M, 2), names=["z"])


def _check_E(
    name: str, loss: Callable[[Array], Any], gradient: Callable[[Array], Array]
) -> tuple[Row, ...]:
    """The rows of dJ / d theta_e, given J and dJ/de as functions of e = E(x)."""
    x = normal("inference/x", M, 4)

    def passed(tensors: tuple[Array, ...]) -> Trace:
        theta = Parameters(E.shapes, np.concatenate([tensor.ravel() for tensor in tensors]))
        return E.forward(theta, x.astype(theta.vector.dtype))

    def forward(*tensors: Array) -> Any:
        """J, as a function of the tensors of theta_e."""
        return loss(passed(tensors).y)

    def backward(dJ: Array, *tensors: Array) -> tuple[Array, ...]:
        """The tensors of dtheta_e."""
        e = passed(tensors)
        dtheta, _ = E.backward(e, gradient(e.y), inputs=False)
        return tuple(dJ * part for part in dtheta.values())

    theta_e = [normal(f"inference/{name}", *shape) for name, shape in E.shapes.items()]
    return check_rows(name, forward, backward, *theta_e, names=list(E.shapes))


def _pass_of_G(z: Array) -> Trace:
    theta = G.zeros(z.dtype, array_module(z))
    for (name, shape), view in zip(G.shapes.items(), theta.values(), strict=True):
        view[...] = normal(f"residual/{name}", *shape)
    return G.forward(theta, z)
