"""The formula of each layer in float64, to check a layer before it is timed.

    forward  y        input  dx        params  dW

Each formula is one expression and shares no code with the layer. docs/layers has the derivations.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.layers import Dropout, Layer, Linear, Maxout, ReLU, Theta


def expected_results(
    layer: Layer, x: Array, dy: Array, theta: Theta, mask: Array | None
) -> dict[str, Array]:
    """The expected result of each pass of the layer, from x (m, n), dy (m, u) and theta.

    The keys are "forward", "input" and, for a linear layer, "params".
    """
    x, dy = x.astype(np.float64), dy.astype(np.float64)
    if isinstance(layer, Linear):
        W = theta["W"].astype(np.float64)
        return {"forward": x @ W + theta["b"], "input": dy @ W.T, "params": x.T @ dy}
    if isinstance(layer, ReLU):
        return {"forward": np.where(x > 0, x, 0), "input": np.where(x > 0, dy, 0)}
    if isinstance(layer, Maxout):
        pieces = x.reshape(len(x), layer.pieces, layer.units)
        wins = np.arange(layer.pieces)[:, None] == pieces.argmax(axis=1)[:, None, :]
        return {"forward": pieces.max(axis=1), "input": (wins * dy[:, None, :]).reshape(x.shape)}
    if isinstance(layer, Dropout):
        slope = np.ones_like(x) if mask is None else mask / layer.keep
        return {"forward": x * slope, "input": dy * slope}
    y = 1 / (1 + np.exp(-x))
    return {"forward": y, "input": dy * y * (1 - y)}
