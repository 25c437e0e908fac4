"""The cells of deep undirected models: an RBM with 16 hidden units, and a DBM.

training      the gradient of the partition function by a chain: the direction of CD-1
inference     mean field in the DBM: its KL divergence from the exact posterior
sampling      a Gibbs chain of the RBM: its effective sample size
evaluating    log Z by AIS, against the sum over all states
design        changes of an RBM after which its Gibbs chain still samples from p
"""

from __future__ import annotations

import numpy as np

from minigan import draws
from minigan.layers import linear
from minigan.reports.table2.measured import Measured
from minigan.reports.table2.models import Models
from minigan.theory.relatives.rbm import gibbs
from minigan.theory.relatives.rbm_exact import ais, log_Z
from minigan.theory.table2.autocorrelation import effective_sample_size
from minigan.theory.table2.contrastive import cosine_of_CD
from minigan.theory.table2.detailed_balance import designs
from minigan.theory.table2.mean_field import mean_field, mean_field_KL

BALANCED = 1e-12  # a probability: larger differences are not rounding


def training_of_undirected(models: Models, repeats: int) -> Measured:
    """The cosine of the gradient of CD-1 and the exact one, at the end of training."""
    v = models.binary(models.train).astype(np.float64)
    return Measured(cosine_of_CD(models.rbm, v, 1, repeats, models.seed), "cosine")


def inference_of_undirected(models: Models, images: int, sweeps: int) -> Measured:
    """The KL divergence of mean field from the exact posterior, for test images."""
    v = models.binary(models.test)[:images].astype(np.float64)
    lower, upper = models.dbm
    a = linear.forward(v, lower["W"], lower["c"])
    means = mean_field(a, upper["W"], upper["c"], sweeps)
    KL = mean_field_KL(a, upper["W"], upper["c"], *means)
    return Measured(float(KL.mean()), "nats", {"largest": float(KL.max())})


def sampling_of_undirected(models: Models, chains: int, burn_in: int, steps: int) -> Measured:
    """The effective sample size of `steps` steps of a Gibbs chain."""
    theta, rng = models.rbm, draws.generator(models.seed, "table 2/Gibbs", 0)
    v = gibbs(theta, models.binary(models.test)[:chains], burn_in, rng)
    f = np.empty((steps, chains))
    for t in range(steps):
        v = gibbs(theta, v, 1, rng)
        f[t] = v @ models.direction
    return Measured(effective_sample_size(f.T), f"of {steps:,} steps")


def evaluating_of_undirected(models: Models, temperatures: int, chains: int) -> Measured:
    """|AIS - log Z|, from the independent units that have the marginals of the training digits."""
    exact, p = log_Z(models.rbm), np.clip(models.train.mean().astype(np.float64), 0.01, 0.99)
    betas = np.linspace(0, 1, temperatures)
    estimate = ais(models.rbm, np.log(p / (1 - p)), betas, chains, models.seed)
    return Measured(abs(estimate - exact), "nats", {"log_Z": exact, "AIS": estimate})


def design_of_undirected(models: Models, n: int, hidden: int) -> Measured:
    """The number of designs whose chain is in detailed balance with p."""
    worst = {name: one.violation() for name, one in designs(n, hidden, models.seed).items()}
    balanced = sum(one < BALANCED for one in worst.values())
    return Measured(balanced, f"of {len(worst)} designs", {"violation": worst})
