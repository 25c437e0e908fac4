"""Check the gradient of each kind of penalty on D's input gradient, through a whole critic.

    d(sum_i d_i a_i - P) / d theta_d      for every tensor of theta_d, at a fixed d

The critics are small: a check calls them some hundred times.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.draws import mask
from minigan.gradcheck import Row
from minigan.layers import (
    ChannelMaxout,
    Convolution,
    Deconvolution,
    Dropout,
    Linear,
    Maxout,
    MaxPooling,
    Sigmoid,
    Windows,
)
from minigan.network import Network
from minigan.objectives.penalties import R1, R1R2, WGANGP, Penalty
from minigan.parameters import Parameters
from minigan.selfcheck.rows import check_rows, normal

M, N = 2, 3
MAXOUT = Network(N, (Linear(4, 0.7), Maxout(2, 2), Dropout(0.5), Linear(1, 0.7)))
SMOOTH = Network(N, (Linear(2, 0.7), Sigmoid(), Linear(1, 0.7)))
IMAGES = Network(
    3 * 4,
    (
        *(Convolution(Windows(3, 4, 2), 4, 0.7), ChannelMaxout(2, 2)),  # 2 x 3 positions
        *(MaxPooling(Windows(2, 3, 2)), Sigmoid()),  # 1 x 2 places of two channels
        *(Deconvolution(Windows(2, 3, 2), 1, 0.7), Linear(1, 0.7)),
    ),
)


def check_penalties() -> tuple[Row, ...]:
    """R1R2 and WGANGP on a critic that is linear in pieces, R1 on smooth ones."""
    return (
        *check_penalty("maxout critic, R1R2", R1R2(3.0), MAXOUT),
        *check_penalty("maxout critic, WGANGP", WGANGP(3.0, seed=0), MAXOUT),
        *check_penalty("smooth critic, R1", R1(3.0), SMOOTH),
        *check_penalty("image critic, R1", R1(3.0), IMAGES),
    )


def check_penalty(title: str, penalty: Penalty, D: Network) -> tuple[Row, ...]:
    """The rows of a penalty on the critic D, at M rows of data and M rows of samples."""
    batch, d = normal("batch", 2 * M, D.inputs), normal("d", 2 * M, 1)
    masks = [mask(0, "proofs/mask", 1, (2 * M, width), keep) for width, keep in D.mask_sizes]

    def computed(tensors: tuple[Array, ...]) -> tuple[Any, Parameters]:
        theta = Parameters(D.shapes, np.concatenate([tensor.ravel() for tensor in tensors]))
        dtype = theta.vector.dtype
        both, out = D.forward(theta, batch.astype(dtype), masks), D.zeros(dtype)
        P = penalty.backward(D, both, d.astype(dtype), 0, out=out)
        return (d * both.y).sum() - P, out

    def forward(*tensors: Array) -> Any:
        """sum_i d_i a_i - P, as a function of the tensors of theta_d."""
        return computed(tensors)[0]

    def backward(dL: Array, *tensors: Array) -> tuple[Array, ...]:
        """The tensors of dtheta_d."""
        return tuple(dL * part for part in computed(tensors)[1].values())

    theta = [normal(f"{title}/{name}", *shape) for name, shape in D.shapes.items()]
    return check_rows(title, forward, backward, *theta, names=list(D.shapes))
