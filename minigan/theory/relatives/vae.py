"""A variational autoencoder (VAE): a G with an encoder that infers z, trained on the ELBO.

    (mu, s) = E(x)                        q(z|x) = N(mu, diag e^s)
    z       = mu + e^(s/2) eps            eps ~ N(0, I): the reparameterisation
    a       = G(z)                        p(x_j = 1 | z) = sigma(a_j)
    ELBO    = 1/m sum_i [log p(x_i | z_i) - KL_i]   <= mean log p(x), ascended by E and G
    log p(x|z) = sum_j x_j a_j - softplus(a_j)
    KL         = 1/2 sum_k mu_k^2 + e^s_k - 1 - s_k            KL(q(z|x) || N(0, I))

Gradients, by the chain rule through z:

    da  = (x - sigma(a)) / m              d log p(x|z) / da = x - sigma(a)
    dz  = the input gradient of G for da
    dmu = dz - mu / m                     dz/dmu = 1
    ds  = dz eps e^(s/2) / 2 - (e^s - 1) / (2 m)

The gradient of E exists because z is a differentiable function of mu and s, with eps as an input.
Sources: Kingma and Welling 2014; Rezende et al. 2014.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan import draws
from minigan.arrays import Array, array_module
from minigan.data.images import Images
from minigan.layers import Linear, ReLU, sigmoid
from minigan.network import Network
from minigan.objectives import softplus
from minigan.optimizers import Adam
from minigan.parameters import Parameters
from minigan.schedules import Constant
from minigan.trace import Trace

M, RATE, BETA1, BETA2, EPSILON = 100, 0.001, 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class VAE:
    """An encoder E (n -> 2 z_size: mu, then s) and a decoder G (z_size -> n logits)."""

    E: Network
    G: Network

    @property
    def z_size(self) -> int:
        """The number of coordinates of z."""
        return self.G.inputs


def vae_of(n: int, z_size: int, hidden: int) -> VAE:
    """A VAE with one hidden ReLU layer in each network. The activations keep their scale."""

    def network(inputs: int, outputs: int) -> Network:
        first, second = math.sqrt(6 / inputs), math.sqrt(3 / hidden)
        return Network(inputs, (Linear(hidden, first), ReLU(), Linear(outputs, second)))

    return VAE(network(n, 2 * z_size), network(z_size, n))


def log_p_x_given_z(a: Array, x: Array) -> Array:
    """log p(x|z) (m,) in nats, from the logits a (m, n)."""
    log_p: Array = (x * a - softplus(a)).sum(axis=1)
    return log_p


def kl_to_prior(mu: Array, s: Array) -> Array:
    """KL(q(z|x) || N(0, I)) (m,) in nats."""
    xp = array_module(mu, s)
    kl: Array = (mu * mu + xp.exp(s) - 1 - s).sum(axis=1) / 2
    return kl


def _passes(
    vae: VAE, theta_e: Parameters, theta_g: Parameters, x: Array, eps: Array
) -> tuple[Trace, Trace, Array, Array]:
    """The passes through E and G, mu and s."""
    e = vae.E.forward(theta_e, x)
    mu, s = e.y[:, : vae.z_size], e.y[:, vae.z_size :]
    g = vae.G.forward(theta_g, mu + array_module(s).exp(s / 2) * eps)
    return e, g, mu, s


def elbo(vae: VAE, theta_e: Parameters, theta_g: Parameters, x: Array, eps: Array) -> Any:
    """The ELBO in nats, for x (m, n) and one eps (m, z_size) per row."""
    _, g, mu, s = _passes(vae, theta_e, theta_g, x, eps)
    return (log_p_x_given_z(g.y, x) - kl_to_prior(mu, s)).sum() / len(x)


def elbo_gradients(
    vae: VAE, theta_e: Parameters, theta_g: Parameters, x: Array, eps: Array
) -> tuple[Parameters, Parameters]:
    """(dtheta_e, dtheta_g) of the ELBO, with eps held fixed."""
    m = len(x)
    e, g, mu, s = _passes(vae, theta_e, theta_g, x, eps)
    dtheta_g, dz = vae.G.backward(g, (x - sigmoid.forward(g.y)) / m)
    xp = array_module(s)
    dmu = dz - mu / m
    ds = dz * eps * xp.exp(s / 2) / 2 - (xp.exp(s) - 1) / (2 * m)
    dtheta_e, _ = vae.E.backward(e, xp.concatenate([dmu, ds], axis=1), inputs=False)
    return dtheta_e, dtheta_g


def log_likelihood_by_importance(
    vae: VAE, theta_e: Parameters, theta_g: Parameters, x: Array, eps: Array
) -> Array:
    """log p(x) (m,) = log 1/K sum_k p(x, z_k) / q(z_k|x), for eps (K, m, z_size).

    Its expectation is at most log p(x), and it tends to log p(x) as K grows.
    """
    terms = []
    for one in eps:
        _, g, mu, s = _passes(vae, theta_e, theta_g, x, one)
        z = mu + np.exp(s / 2) * one
        log_ratio = ((one**2 + s - z**2) / 2).sum(axis=1)  # log N(z; 0, I) - log q(z|x)
        terms.append(log_p_x_given_z(g.y, x) + log_ratio)
    largest: Array = np.max(terms, axis=0)
    log_p: Array = largest + np.log(np.mean(np.exp(terms - largest), axis=0))
    return log_p


def train_vae(vae: VAE, images: Images, updates: int, seed: int) -> tuple[Parameters, Parameters]:
    """(theta_e, theta_g) after `updates` steps of Adam on binary images.

    Each pixel is drawn anew in each update: x_j = 1 with the probability that the image has there.
    """
    theta_e, theta_g = vae.E.initial(seed, "vae/theta_e"), vae.G.initial(seed, "vae/theta_g")
    players = [Adam(one, Constant(RATE), BETA1, BETA2, EPSILON) for one in (theta_e, theta_g)]
    for t in range(updates):
        rng = draws.generator(seed, "vae", t)
        x = binarised(images.gather(rng.integers(len(images), size=M)), rng)
        eps = rng.standard_normal((M, vae.z_size), dtype=np.float32)
        gradients = elbo_gradients(vae, theta_e, theta_g, x, eps)
        for player, gradient in zip(players, gradients, strict=True):
            player.ascend(gradient)
    return theta_e, theta_g


def binarised(x: Array, rng: np.random.Generator) -> Array:
    """Each number of x is 1 with the probability that it has in x, else 0: float32."""
    return (rng.random(x.shape, dtype=np.float32) < x).astype(np.float32)
