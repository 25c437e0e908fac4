"""Check the gradients of inference: of E's loss in theta_e, and of the residual in z through G.

dJ / d theta_e                  for every tensor of theta_e
d(sum_i |G(z_i) - x_i|^2) / dz
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array, array_module
from minigan.evaluation.inference import prediction_error, prediction_error_gradient
from minigan.evaluation.residual import residual_gradient, squared_residual
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
    """The rows of E's loss and of the residual."""
    return (*check_prediction_error(), *check_residual())


def check_prediction_error() -> tuple[Row, ...]:
    """The rows of dJ / d theta_e, for fixed x and z."""
    x, z = normal("inference/x", M, 4), normal("inference/z", M, 2)

    def passed(tensors: tuple[Array, ...]) -> Trace:
        theta = Parameters(E.shapes, np.concatenate([tensor.ravel() for tensor in tensors]))
        return E.forward(theta, x.astype(theta.vector.dtype))

    def forward(*tensors: Array) -> Any:
        """J, as a function of the tensors of theta_e."""
        return prediction_error(passed(tensors).y, z)

    def backward(dJ: Array, *tensors: Array) -> tuple[Array, ...]:
        """The tensors of dtheta_e."""
        e = passed(tensors)
        dtheta, _ = E.backward(e, prediction_error_gradient(e.y, z), inputs=False)
        return tuple(dJ * part for part in dtheta.values())

    theta_e = [normal(f"inference/{name}", *shape) for name, shape in E.shapes.items()]
    return check_rows("loss of E", forward, backward, *theta_e, names=list(E.shapes))


def check_residual() -> tuple[Row, ...]:
    """The row of the residual's gradient in z, for fixed x and theta_g."""
    x = normal("residual/x", M, 4)
    tensors = [normal(f"residual/{name}", *shape) for name, shape in G.shapes.items()]

    def passed(z: Array) -> Trace:
        theta = G.zeros(z.dtype, array_module(z))
        for view, tensor in zip(theta.values(), tensors, strict=True):
            view[...] = tensor
        return G.forward(theta, z)

    def forward(z: Array) -> Any:
        """The squared residual of each row."""
        return squared_residual(passed(z).y, x)

    def backward(df: Array, z: Array) -> Array:
        """dz."""
        return df[:, None] * residual_gradient(G, passed(z), x)

    return check_rows("residual", forward, backward, normal("residual/z", M, 2), names=["z"])
