"""Check the gradients of one layer or one objective, built-in or custom.

    check_network_layer(layer)   the gradients in x and in every parameter of a layer; with a
                                 tangent, also tangent and curvature
    check_objective(objective)   the gradients of V in both logits and of G's loss in the fake ones

    |analytic - complex step| <= 1e-12 * max|gradient|     for every tensor

`minigan.selfcheck.built_in` applies them to all built-in layers and objectives.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan import draws
from minigan.arrays import Array, array_module
from minigan.gradcheck import Report
from minigan.layers import Layer
from minigan.network import Network
from minigan.objectives import Objective
from minigan.selfcheck.rows import check_rows, normal
from minigan.trace import Trace

M, N = 3, 6


def check_network_layer(layer: Layer, n: int = N) -> Report:
    """Check the gradients of a layer with n inputs, at a fixed random x (3, n) and parameters.

    The layer is called as in a network. The report has one row per tensor, named "KIND: x" or
    "KIND: PARAMETER", where KIND is the class name in lower case. A layer with a tangent has two
    more: "KIND, tangent: q" checks that backward_input is the transpose of tangent, and "KIND,
    curvature: x" that curvature is the derivative of backward_input, with dx as the output.
    Exceptions of the layer are not caught, for example a ValueError for a wrong n.
    """
    network = Network(n, (layer,))
    (kind,) = network.names
    masks = [
        draws.mask(0, "proofs/mask", 0, (M, width), keep) for width, keep in network.mask_sizes
    ]

    def passed(x: Array, *parameters: Array) -> Trace:
        dtype = np.result_type(x, *parameters)
        theta = network.zeros(dtype, array_module(x, *parameters))
        for tensor, parameter in zip(theta.values(), parameters, strict=True):
            tensor[...] = parameter
        return network.forward(theta, x.astype(dtype), masks)

    def forward(x: Array, *parameters: Array) -> Array:
        """y (3, width), from x (3, n) and each parameter."""
        return passed(x, *parameters).y

    def backward(dy: Array, x: Array, *parameters: Array) -> tuple[Array, ...]:
        """(dx, gradient of each parameter)."""
        dtheta, dx = network.backward(passed(x, *parameters), dy)
        return dx, *dtheta.values()

    shapes, title = layer.shapes(n), type(layer).__name__.lower()
    parameters = [normal(key, *shape) for key, shape in shapes.items()]
    x, dy = normal("x", M, n), normal("dy", M, layer.width(n))
    rows = check_rows(title, forward, backward, x, *parameters, names=["x", *shapes])
    if type(layer).tangent is Layer.tangent:
        return Report(rows)

    def tangent(q: Array) -> Array:
        """The derivative of y along q, at x."""
        _, along = network.tangent(passed(x, *parameters), q)
        return along

    def transpose(dy: Array, q: Array) -> Array:
        """dq, by the backward pass at x."""
        return backward(dy, x, *parameters)[0]

    def input_gradient(x: Array) -> Array:
        """dx for a fixed dy, as a function of x."""
        return backward(dy.astype(x.dtype), x, *parameters)[0]

    def curvature(q: Array, x: Array) -> Array:
        """The derivative of dx along q. The second derivatives of y are symmetric."""
        trace = passed(x, *parameters)
        (part,) = trace.layers
        curved = layer.curvature(trace.theta().of(kind), part, dy, q)
        return array_module(x).zeros_like(x) if curved is None else curved

    return Report(
        (
            *rows,
            *check_rows(f"{title}, tangent", tangent, transpose, normal("q", M, n)),
            *check_rows(f"{title}, curvature", input_gradient, curvature, x),
        )
    )


def check_objective(objective: Objective) -> Report:
    """Check the gradients of V and of G's loss, at fixed random logits (3, 1).

    The report has the rows "NAME, V: a_real", "NAME, V: a_fake" and "NAME: a_fake".
    """

    def V_backward(dV: Array, a_real: Array, a_fake: Array) -> tuple[Array, ...]:
        """(da_real, da_fake)."""
        return tuple(dV * da for da in objective.value_gradient(a_real, a_fake))

    def loss(a_fake: Array) -> Any:
        """G's loss. The logits of an objective of pairs are those of the same a_real."""
        return objective.loss(*objective.logits_of_loss(a_fake, a_real))

    def loss_backward(dL: Array, a_fake: Array) -> Any:
        """da_fake."""
        return dL * objective.loss_gradient(*objective.logits_of_loss(a_fake, a_real))

    logits = ["a_real", "a_fake"]
    a_real, a_fake = (3 * normal(one, M, 1) for one in logits)
    name = objective.name.replace("_", "-")
    return Report(
        (
            *check_rows(f"{name}, V", objective.value, V_backward, a_real, a_fake, names=logits),
            *check_rows(name, loss, loss_backward, a_fake),
        )
    )
