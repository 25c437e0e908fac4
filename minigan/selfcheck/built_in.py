"""Check all built-in layers and objectives, each at one point.

The inputs and parameters of the layers are random numbers, and the sizes are small: every entry of
every gradient is compared with the complex step.
"""

from __future__ import annotations

from dataclasses import replace

from minigan.gradcheck import Row
from minigan.layers import (
    Addition,
    Branch,
    ChannelMaxout,
    Composite,
    Convolution,
    Deconvolution,
    Dropout,
    Linear,
    Maxout,
    MaxPooling,
    Parallel,
    ReLU,
    Sigmoid,
    Windows,
)
from minigan.objectives import OBJECTIVES, non_saturating, with_margins
from minigan.selfcheck.functions import N, check_network_layer, check_objective

LAYERS = (Linear(4, 1.0), ReLU(), Sigmoid(), Maxout(2, 3), Dropout(0.5))
ENDS_OF_G = (Composite(), Addition())
# Images of two channels, each layer with the number of its inputs: windows that overlap, that are
# cut by the border, and with padding.
IMAGE_LAYERS = (
    (ChannelMaxout(1, 2), 3 * 2),
    (Convolution(Windows(2, 4, 3, 2, 1), 2, 1.0), 2 * 4 * 2),
    (MaxPooling(Windows(3, 4, 3, 2)), 3 * 4 * 2),
    (Deconvolution(Windows(2, 4, 3, 2, 1), 2, 1.0), 2 * 3),
)
# Two branches overlap, one has no layer, and none reads column 6.
PARALLEL = Parallel((Branch(0, 4, Linear(2, 1.0)), Branch(2, 6, Sigmoid()), Branch(5, 6)))


def check_layers() -> tuple[Row, ...]:
    """The rows of all built-in layers."""
    plain = ((layer, N) for layer in (*LAYERS, *ENDS_OF_G))
    layers = (*plain, *IMAGE_LAYERS, (PARALLEL, N + 1))
    return tuple(row for layer, n in layers for row in check_network_layer(layer, n).rows)


def check_objectives() -> tuple[Row, ...]:
    """The rows of all built-in objectives, and of one in which rows are left out."""
    margin = replace(with_margins(non_saturating, of_G=0.1, of_D=0.3), name="margin")
    both = (*OBJECTIVES.values(), margin)
    return tuple(row for one in both for row in check_objective(one).rows)
