"""The chain of a contractive autoencoder needs only J J^T alpha, which any encoder has.

    h' = h + J J^T alpha,   J = df/dx                the step of the chain (relatives.cae)
    J^T alpha = the backward pass of f for dy = alpha
    J q       = the tangent of f along q

So two passes give J J^T alpha for every differentiable f, and J itself is not formed. `cae` has the
closed form for one layer of sigmoids. Here J is computed column by column as the imaginary part
of f(x + i e) / e, e = 1e-100, to compare.
"""

from __future__ import annotations

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.layers import ChannelMaxout, Convolution, Linear, Maxout, ReLU, Sigmoid, Windows
from minigan.network import Network
from minigan.parameters import Parameters

STEP = 1e-100


def encoders() -> dict[str, Network]:
    """Five encoders of images of 4 x 4 pixels."""
    first = Linear(8, 0.6)
    return {
        "sigmoid": Network(16, (first, Sigmoid())),
        "ReLU": Network(16, (first, ReLU())),
        "maxout": Network(16, (Linear(15, 0.6), Maxout(5, 3))),
        "two layers": Network(16, (first, ReLU(), Linear(6, 0.6), Sigmoid())),
        "convolution": Network(
            16, (Convolution(Windows(4, 4, 3), 4, 0.6), ChannelMaxout(2, 2), Sigmoid())
        ),
    }


def jacobian_step(f: Network, theta: Parameters, x: Array, alpha: Array) -> Array:
    """J J^T alpha (m, code) at x (m, n), by two passes."""
    trace = f.forward(theta, x)
    _, q = f.backward(trace, alpha, params=False)
    step: Array = f.tangent(trace, q)[-1]
    return step


def jacobian_step_by_columns(f: Network, theta: Parameters, x: Array, alpha: Array) -> Array:
    """J J^T alpha (m, code), with J by complex steps."""
    complex_theta = Parameters(theta.shapes, theta.vector.astype(np.complex128))
    steps = STEP * 1j * np.eye(f.inputs)
    rows = []
    for one, noise in zip(x, alpha, strict=True):
        J_T = f.forward(complex_theta, one + steps).y.imag / STEP  # row i: df/dx_i
        rows.append(noise @ J_T.T @ J_T)
    return np.array(rows)


def worst_error(name: str, seed: int, rows: int = 4) -> float:
    """The largest error of J J^T alpha of an encoder, relative to its largest number."""
    f, rng = encoders()[name], draws.generator(seed, f"table 2/encoder/{name}", 0)
    theta = f.initial(seed, f"table 2/{name}", np.float64)
    x, alpha = rng.random((rows, f.inputs)), rng.standard_normal((rows, f.outputs))
    found, expected = (
        function(f, theta, x, alpha) for function in (jacobian_step, jacobian_step_by_columns)
    )
    return float(abs(found - expected).max() / abs(expected).max())
