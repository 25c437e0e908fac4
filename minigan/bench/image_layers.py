"""Each layer for images, at the sizes of the published CIFAR-10 networks, compared with its limit.

    convolution, deconvolution    limit: its matrix product, and one copy of the unfolded patches
    channel maxout, max pooling   limit: a copy of as many bytes as the pass reads and writes

The patches P have size * size * C numbers for each image and position. The product is that of P and
W for all rows at once, and the copy reads one array of the size of P and writes another.
"""

from __future__ import annotations

from minigan.bench.layers import COLUMNS, layer_passes, measured_row
from minigan.bench.tables import Table
from minigan.layers import (
    ChannelMaxout,
    Convolution,
    Deconvolution,
    MaxPooling,
    Windows,
)
from minigan.network import Network


def image_networks(scale: int = 1) -> tuple[Network, Network]:
    """The deconvolution of G, and D up to its last max pooling; `scale` divides the channels."""
    first, last = 32 // scale, 192 // scale
    G = Network(10 * 10 * 80 // scale, (Deconvolution(Windows(32, 32, 5, 3), 3, 0.05),))
    D = Network(
        32 * 32 * 3,
        (
            *(Convolution(Windows(32, 32, 8, pad=4), 2 * first, 0.05), ChannelMaxout(first, 2)),
            MaxPooling(Windows(33, 33, 4, 2)),
            *(Convolution(Windows(16, 16, 8, pad=3), 2 * first, 0.05), ChannelMaxout(first, 2)),
            MaxPooling(Windows(15, 15, 4, 2)),
            *(Convolution(Windows(7, 7, 5, pad=3), 2 * last, 0.05), ChannelMaxout(last, 2)),
            MaxPooling(Windows(9, 9, 2, 2)),
        ),
    )
    return G, D


def image_layer_table(m: int, *, scale: int, rounds: int, at_least: float) -> Table:
    """The times of every layer for m images. Raises WrongResult if a layer's result is wrong."""
    rows = [
        measured_row(f"{player} {name}", layer_pass, trace, rounds, at_least)
        for player, network in zip("GD", image_networks(scale), strict=True)
        for name, trace, layer_pass in layer_passes(network, m)
    ]
    return Table("layers for images", f"Each layer for {m} images", COLUMNS, tuple(rows))
