"""Each layer's formula written out in float64, for the check before a layer is timed.

    forward  y        input  dx        params  dW          (docs/layers has the derivations)

One expression each, new arrays throughout, and none of the layers' own code.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.layers import Dropout, Layer, Linear, Maxout, ReLU, Theta


def expected(
    layer: Layer, x: Array, dy: Array, theta: Theta, mask: Array | None
) -> dict[str, Array]:
    """What each pass of the layer should write, given x (m, n), dy (m, u) and its parameters."""
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
