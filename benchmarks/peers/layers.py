"""The layers of a network as a list that every peer can read, without minigan's classes.

    ["linear"]  ["relu"]  ["sigmoid"]  ["dropout", keep]  ["maxout", pieces]
    ["channelmaxout", units, pieces]
    ["convolution", height, width, size, stride, pad]       the sizes of `minigan.layers.Windows`
    ["deconvolution", height, width, size, stride, pad]     height and width are those of the result
    ["maxpooling", height, width, size, stride]

A linear layer, a convolution and a deconvolution take the next W and b of theta.
"""

from __future__ import annotations

from typing import Any

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
    Sigmoid,
)
from minigan.network import Network


def layers_of(network: Network) -> list[list[Any]]:
    """The list of a network. Raises ValueError for a layer that no peer has."""
    return [_entry(layer) for layer in network.layers]


def _entry(layer: Layer) -> list[Any]:
    kind = type(layer).__name__.lower()
    if isinstance(layer, Linear | ReLU | Sigmoid):
        return [kind]
    if isinstance(layer, Dropout):
        return [kind, layer.keep]
    if isinstance(layer, Maxout):
        return [kind, layer.pieces]
    if isinstance(layer, ChannelMaxout):
        return [kind, layer.units, layer.pieces]
    if isinstance(layer, Convolution | Deconvolution | MaxPooling):
        w = layer.windows
        padding = [] if isinstance(layer, MaxPooling) else [w.pad]
        return [kind, w.height, w.width, w.size, w.stride, *padding]
    raise ValueError(f"no peer has the layer {kind}")
