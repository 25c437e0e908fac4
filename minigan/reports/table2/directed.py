"""The cells of deep directed models: a VAE with two coordinates of z.

training      the ELBO is a bound, because inference during training is approximate: its gap
inference     E predicts z from x ~ p(x|z): R^2 of the means of q(z|x)
sampling      draws of x are independent: their effective sample size
evaluating    log p(x) by importance sampling, against quadrature
design        decoders with which the same E learns a code: none for z in whole numbers
"""

from __future__ import annotations

import math

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.evaluation.inference import r_squared
from minigan.layers import Layer, Linear, Maxout, ReLU, Sigmoid, sigmoid
from minigan.network import Network
from minigan.reports.table2.measured import Measured
from minigan.reports.table2.models import PIXELS, Models
from minigan.theory.relatives.vae import VAE, binarised, kl_to_prior, train_vae
from minigan.theory.relatives.visible_units import Round
from minigan.theory.table2.autocorrelation import effective_sample_size
from minigan.theory.table2.elbo_gap import elbo_gap, exact_log_p, importance_error

LEAST_CODE = 0.5  # nats: with less, E has learned nothing about x


def training_of_directed(models: Models, images: int) -> Measured:
    """The gap between log p(x) and the ELBO of test images."""
    x = models.binary(models.test)[:images]
    vae, theta_e, theta_g = models.vae
    log_p = float(exact_log_p(vae, theta_g, x).mean())
    return Measured(elbo_gap(vae, theta_e, theta_g, x), "nats", {"log_p": log_p})


def inference_of_directed(models: Models, samples: int) -> Measured:
    """R^2 of z from the means of q(z|x), for x drawn with these z."""
    z, x = drawn_pairs(models, samples)
    vae, theta_e, _ = models.vae
    e = vae.E.forward(theta_e, x).y
    return Measured(r_squared(e[:, : vae.z_size], z), "R^2")


def sampling_of_directed(models: Models, chains: int, steps: int) -> Measured:
    """The effective sample size of `steps` draws."""
    _, x = drawn_pairs(models, chains * steps)
    f = (x @ models.direction).reshape(chains, steps)
    return Measured(effective_sample_size(f), f"of {steps:,} draws")


def evaluating_of_directed(models: Models, images: int, K: int) -> Measured:
    """The mean error of log p(x) by importance sampling with K draws of z."""
    x = models.binary(models.test)[:images]
    return Measured(importance_error(*models.vae, x, K, models.seed), "nats")


def design_of_directed(models: Models, updates: int) -> Measured:
    """The number of decoders with which E learns a code of LEAST_CODE nats or more."""
    x, E = models.binary(models.test), models.vae[0].E
    codes = {}
    for name, G in decoders().items():
        theta_e, _ = train_vae(VAE(E, G), models.train, updates, models.seed)
        e = E.forward(theta_e, x).y
        codes[name] = round(float(kl_to_prior(e[:, :2], e[:, 2:]).mean()), 4)
    learned = sum(KL >= LEAST_CODE for KL in codes.values())
    return Measured(learned, f"of {len(codes)} decoders", {"KL": codes})


def decoders() -> dict[str, Network]:
    """Decoders of two coordinates of z, of which the last rounds z."""

    def network(*hidden: Layer) -> Network:
        return Network(2, (*hidden, Linear(PIXELS, math.sqrt(3 / 64))))

    first, second = Linear(64, math.sqrt(3)), Linear(64, math.sqrt(6 / 64))
    return {
        "ReLU": network(first, ReLU()),
        "sigmoid": network(first, Sigmoid()),
        "maxout": network(Linear(128, math.sqrt(1.5)), Maxout(64, 2)),
        "two hidden layers": network(first, ReLU(), second, ReLU()),
        "z rounded": network(Round(), first, ReLU()),
    }


def drawn_pairs(models: Models, count: int) -> tuple[Array, Array]:
    """z (count, 2) from the prior, and binary x (count, PIXELS) ~ p(x|z)."""
    vae, _, theta_g = models.vae
    rng = draws.generator(models.seed, "table 2/VAE", 0)
    z = rng.standard_normal((count, vae.z_size), dtype=np.float32)
    return z, binarised(sigmoid.forward(vae.G.forward(theta_g, z).y), rng)
