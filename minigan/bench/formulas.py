"""The formula of each layer in float64, to check a layer before it is timed.

    forward  y        input  dx        params  dW

Each formula is one expression and shares no code with the layer. docs/layers has the derivations.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.layers import (
    ChannelMaxout,
    Convolution,
    Deconvolution,
    Dropout,
    Layer,
    Linear,
    Maxout,
    MaxPooling,
    ReLU,
    Theta,
    Windows,
)


def expected_results(
    layer: Layer, x: Array, dy: Array, theta: Theta, mask: Array | None
) -> dict[str, Array]:
    """The expected result of each pass of the layer, from x (m, n), dy (m, u) and theta.

    The keys are "forward", "input" and, for a layer with a W, "params".
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
    if isinstance(layer, ChannelMaxout):
        maxout = Maxout(layer.units, layer.pieces)
        x_at, dy_at = x.reshape(-1, layer.units * layer.pieces), dy.reshape(-1, layer.units)
        of_positions = expected_results(maxout, x_at, dy_at, {}, None)
        return {kind: array.reshape(len(x), -1) for kind, array in of_positions.items()}
    if isinstance(layer, Convolution):
        return _correlation(x, dy, theta["W"].astype(np.float64), theta["b"], layer.windows)
    if isinstance(layer, Deconvolution):
        # The transposed map: x and dy change places, and so do the passes.
        W, none = theta["W"].astype(np.float64), np.zeros(theta["W"].shape[-1])
        found = _correlation(dy, x, W, none, layer.windows)
        y = (found["input"].reshape(len(x), -1, theta["b"].size) + theta["b"]).reshape(len(x), -1)
        return {"forward": y, "input": found["forward"], "params": found["params"]}
    if isinstance(layer, MaxPooling):
        return _pooling(x, dy, layer.windows)
    if isinstance(layer, Dropout):
        slope = np.ones_like(x) if mask is None else mask / layer.keep
        return {"forward": x * slope, "input": dy * slope}
    y = 1 / (1 + np.exp(-x))
    return {"forward": y, "input": dy * y * (1 - y)}


def _places(images: Array, w: Windows) -> list[tuple[int, int, Array]]:
    """(u, v, the pixels under place (u, v) of every window) for padded images, as views."""
    lines = w.stride * (w.rows - 1) + 1
    columns = w.stride * (w.columns - 1) + 1
    return [
        (u, v, images[:, u : u + lines : w.stride, v : v + columns : w.stride])
        for u in range(w.size)
        for v in range(w.size)
    ]


def _padded(x: Array, w: Windows, value: float) -> tuple[Array, tuple[slice, slice, slice]]:
    """The images x with `value` around them, and the index of the images."""
    height, width = w.covered
    inside = slice(None), slice(w.pad, w.pad + w.height), slice(w.pad, w.pad + w.width)
    images = np.full((len(x), height, width, x.shape[1] // (w.height * w.width)), value)
    images[inside] = x.reshape(len(x), w.height, w.width, -1)
    return images, inside


def _correlation(x: Array, dy: Array, W: Array, b: Array, w: Windows) -> dict[str, Array]:
    images, inside = _padded(x, w, 0.0)
    of_y = dy.reshape(len(x), w.rows, w.columns, -1)
    y, dx, dW = np.zeros(of_y.shape) + b, np.zeros(images.shape), np.zeros(W.shape)
    for u, v, pixels in _places(images, w):
        y += pixels @ W[u, v]
        dW[u, v] = np.tensordot(pixels, of_y, ([0, 1, 2], [0, 1, 2]))
    for u, v, gradients in _places(dx, w):
        gradients += of_y @ W[u, v].T
    m = len(x)
    return {"forward": y.reshape(m, -1), "input": dx[inside].reshape(m, -1), "params": dW}


def _pooling(x: Array, dy: Array, w: Windows) -> dict[str, Array]:
    images, inside = _padded(x, w, -np.inf)
    of_windows = np.stack([pixels for _, _, pixels in _places(images, w)])
    y, first = of_windows.max(axis=0), of_windows.argmax(axis=0)
    dx = np.zeros(images.shape)
    for number, (_, _, gradients) in enumerate(_places(dx, w)):
        gradients += dy.reshape(y.shape) * (first == number)
    return {"forward": y.reshape(len(x), -1), "input": dx[inside].reshape(len(x), -1)}
