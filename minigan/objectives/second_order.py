"""The gradient of a penalty on D's input gradient, by four passes through the layers.

    f(x) = a, the logit;   g = df/dx (m, n);   P = P(g), a penalty such as gamma/2 mean ||g||^2

    1  backward    u_L = 1, u_(l-1) = backward_input(u_l)         ends at g
    2  penalty     r = dP/dg
    3  tangent     q_0 = r, q_l = tangent(q_(l-1))                the gates of the forward pass
    4  product     dP/dW_l = q_(l-1)^T u_l,   dP/db_l = 0         for a layer y = x W + b

Derivation. g is the derivative of f in x, so r . g for a fixed r is the derivative of f along r.
The gradient of P in theta is that of r . g, hence the derivative along r of the gradient of f in
theta. For a linear layer that gradient is x^T u and sum_i u_i. Along r, x moves by q and u by u':

    dP/dW = q^T u + x^T u'        dP/db = sum_i u'_i

In a layer that is linear in pieces, u does not change along r, so u' = 0. Otherwise u' begins where
a layer has a curvature, and goes down like every gradient: u'_(l-1) = backward_input(u'_l) +
curvature(u_l, q_(l-1)).

One product for both. A row has one logit, so the gradient of sum_i d_i f_i passes d_i u_i to each
layer, with d = dV/da. Where the rows of the penalty are rows that D sees anyway (R1, R2), both
gradients together are dW = (d * x + q)^T u, db = sum_i d_i u_i.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from minigan.arrays import Array, array_module
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.trace import Trace

PenaltyOfG: TypeAlias = Callable[[Array], tuple[Any, Array]]  # g -> (P, r = dP/dg)


def backward_minus_penalty(
    D: Network, trace: Trace, d: Array, rows: slice, penalty: PenaltyOfG, *, out: Parameters
) -> Any:
    """P(g) of the rows; writes d(sum_i d_i f_i - P) / d theta_d to out.

    d (m, 1) is the gradient in the logits of all rows of the trace. g is computed for `rows` only,
    a slice with a start and a stop. Raises NotImplementedError, which names the layer, if a layer
    has no second order.
    """
    theta, part = trace.theta(), trace.rows(rows.start, rows.stop)
    first = D.lowest_with_parameters
    names, layers = D.names, D.one_by_one
    u = {len(layers) - 1: array_module(d).ones_like(trace.y)}
    for i in range(len(layers) - 1, first, -1):
        u[i - 1] = layers[i].backward_input(theta.of(names[i]), trace.layers[i], u[i])
    g = u[first][rows]
    for i in range(first, -1, -1):  # only the rows of the penalty need the gradient in x
        g = layers[i].backward_input(theta.of(names[i]), part.layers[i], g)
    P, r = penalty(g)
    q = D.tangent(part, -r)  # D descends P: the gradient of -P
    du: Array | None = None  # u', and 0 above the highest layer with a curvature
    for i in range(len(layers) - 1, first - 1, -1):
        name, layer, below = names[i], layers[i], part.layers[i]
        if out.of(name):
            layer.backward_params_along(out.of(name), trace.layers[i], u[i], d, rows, q[i], du)
        if i > first:
            curved = layer.curvature(theta.of(name), below, u[i][rows], q[i])
            if du is not None:  # dx of the trace holds u, which the next layer needs
                unused = replace(below, dx=array_module(du).empty_like(below.dx))
                du = layer.backward_input(theta.of(name), unused, du)
                curved = du if curved is None else du + curved
            du = curved
    return P
