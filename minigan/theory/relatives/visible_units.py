"""Which units must be continuous: a GAN needs visible ones, a VAE needs hidden ones.

    GAN    x = G(z),  J = mean -log D(x)      dJ/dtheta_g passes through x
    VAE    z = mu + e^(s/2) eps, mu and s from E(x)
                                              d log p(x|z) / dtheta_e passes through z

    y = round(x),  dx = 0                     almost everywhere

Section 2: VAEs "require differentiation through the hidden units", GANs "through the visible
units". So with whole numbers for x, G learns nothing; with whole numbers for z, E learns nothing
from log p(x|z). The other network learns in both cases: a GAN may have a discrete z, and a VAE a
discrete x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan import draws, objectives
from minigan.arrays import Array, array_module
from minigan.layers import Layer, Linear, ReLU, Sigmoid, sigmoid
from minigan.layers.layer import Theta
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.theory.relatives.vae import VAE, binarised
from minigan.theory.rows import Statement
from minigan.trace import LayerTrace

M, N, Z_SIZE, HIDDEN = 20, 6, 3, 8
STEP = 1e-7


@dataclass(frozen=True)
class Round(Layer):
    """The layer y = round(x). Its derivative is 0 wherever it exists."""

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = round(x)."""
        y: Array = array_module(trace.x).rint(trace.x, out=trace.y)
        return y

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = 0."""
        trace.dx[...] = 0
        return trace.dx


def generator_of(rounded: bool) -> Network:
    """G with outputs in (0, 1), or in {0, 1} if rounded."""
    layers = (Linear(HIDDEN, 1.0), ReLU(), Linear(N, 1.0), Sigmoid())
    return Network(Z_SIZE, (*layers, Round()) if rounded else layers)


D = Network(N, (Linear(HIDDEN, 1.0), ReLU(), Linear(1, 1.0)))


def gan_gradient(rounded_x: bool, rounded_z: bool, seed: int = 0) -> Parameters:
    """dJ/dtheta_g of a random GAN, with rounded samples x, or with rounded noise z."""
    G, theta_g, theta_d, z = _gan(rounded_x, rounded_z, seed)
    g = G.forward(theta_g, z)
    d = D.forward(theta_d, g.y)
    da = objectives.non_saturating_gradient(d.y)
    _, dx = D.backward(d, da, params=False)
    return G.backward(g, dx, inputs=False)[0]


def change_of_loss(rounded_x: bool, seed: int = 0) -> float:
    """The change of J if every number of theta_g grows by STEP = 1e-7. No derivative is used."""
    G, theta_g, theta_d, z = _gan(rounded_x, False, seed)

    def J() -> float:
        return float(objectives.non_saturating_loss(D.forward(theta_d, G.forward(theta_g, z).y).y))

    before = J()
    theta_g.assign(theta_g.vector + STEP)
    return J() - before


def _gan(
    rounded_x: bool, rounded_z: bool, seed: int
) -> tuple[Network, Parameters, Parameters, Array]:
    G = generator_of(rounded_x)
    z = draws.generator(seed, "visible/z", 0).standard_normal((M, Z_SIZE))
    theta_g, theta_d = (
        net.initial(seed, f"visible/theta_{name}", np.float64) for net, name in ((G, "g"), (D, "d"))
    )
    return G, theta_g, theta_d, np.rint(z) if rounded_z else z


def vae_gradient(rounded_x: bool, rounded_z: bool, seed: int = 0) -> Parameters:
    """d log p(x|z) / dtheta_e of a random VAE, with whole numbers for x, or for z."""
    vae = VAE(
        Network(N, (Linear(HIDDEN, 1.0), ReLU(), Linear(2 * Z_SIZE, 1.0))),
        Network(Z_SIZE, (*([Round()] if rounded_z else []), Linear(N, 1.0))),
    )
    rng = draws.generator(seed, "visible/x", 0)
    x, eps = rng.random((M, N)), rng.standard_normal((M, Z_SIZE))
    if rounded_x:
        x = binarised(x, rng).astype(np.float64)
    e = vae.E.forward(vae.E.initial(seed, "visible/theta_e", np.float64), x)
    mu, s = e.y[:, :Z_SIZE], e.y[:, Z_SIZE:]
    theta = vae.G.initial(seed, "visible/theta", np.float64)
    g = vae.G.forward(theta, mu + np.exp(s / 2) * eps)
    _, dz = vae.G.backward(g, (x - sigmoid.forward(g.y)) / M, params=False)
    dy = np.concatenate([dz, dz * eps * np.exp(s / 2) / 2], axis=1)
    return vae.E.backward(e, dy, inputs=False)[0]


def rounded_rows() -> list[Statement]:
    """A rounded G has no gradient, and a small step of theta_g does not change its loss."""
    largest = float(abs(gan_gradient(True, False).vector).max())
    change = change_of_loss(True)
    return [
        Statement("section 2, rounded G", "dJ/dtheta_g = 0, worst", largest, 0),
        Statement("section 2, a step of rounded G", "J(theta_g + 1e-7) - J(theta_g)", change, 0),
    ]
