"""Statements of later papers on the same game, as rows: maximum likelihood for G, and W1.

E_{x~p_g}[-e^a(x)], a the logit of D*, has the gradient of KL(p_data || p_g)    Goodfellow 2014
two masses at the distance theta: JSD = log 2 with gradient 0, W1 = |theta|     Arjovsky et al.
W1 = largest E_{x~p_data}[f] - E_{x~p_g}[f] over f with slopes of at most 1     2017
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from minigan.objectives import maximum_likelihood
from minigan.theory.densities import Density
from minigan.theory.discriminator import optimal_logit
from minigan.theory.rows import Statement
from minigan.theory.two_masses import loss_slopes, losses
from minigan.theory.wasserstein import w1

POINTS = 8


def maximum_likelihood_rows(rng: np.random.Generator) -> list[Statement]:
    """G's maximum-likelihood loss for D = D*, with p_g = softmax(theta_g).

    For a fixed D, the gradient of the mean loss h is p_g (h - E[h]) (see `fixed_point`). That of
    KL(p_data || p_g) = constant - E_{x~p_data}[log p_g] is computed by complex steps.
    """
    p_data, theta_g = rng.dirichlet(np.ones(POINTS)), rng.normal(size=POINTS)
    p_g = np.exp(theta_g) / np.exp(theta_g).sum()
    a = optimal_logit(p_data, p_g)
    h = np.array([float(maximum_likelihood.loss(one)) for one in a.reshape(-1, 1, 1)])
    gradient = p_g * (h - p_g @ h)
    steps = theta_g + 1e-100j * np.eye(POINTS)  # row i: a complex step of coordinate i
    log_p_g = steps - np.log(np.exp(steps).sum(axis=1, keepdims=True))
    of_KL = -(log_p_g @ p_data).imag / 1e-100
    worst = int(np.argmax(np.abs(gradient - of_KL)))
    formula = "gradient of E[-e^a] = that of KL(p_data||p_g)"
    return [Statement("maximum likelihood G", formula, gradient[worst], of_KL[worst])]


def wasserstein_rows(rng: np.random.Generator) -> list[Statement]:
    """W1 and JSD of two masses at the distance theta, and W1 as a largest difference of means."""
    theta = float(rng.uniform(0.5, 2))
    at_theta, slopes = losses(theta), loss_slopes(theta)
    x = np.cumsum(rng.uniform(0.1, 1, POINTS))
    p_data, p_g = rng.dirichlet(np.ones(POINTS), size=2)
    return [
        Statement("two masses, JSD", "JSD = log 2", at_theta.jsd, math.log(2)),
        Statement("two masses, slope of JSD", "dJSD/dtheta = 0", slopes.jsd, 0),
        Statement("two masses, W1", "W1 = |theta|", at_theta.w1, theta),
        Statement("two masses, slope of W1", "dW1/dtheta = 1", slopes.w1, 1),
        Statement("two masses, slope at -theta", "dW1/dtheta = -1", loss_slopes(-theta).w1, -1),
        Statement(
            "W1, Kantorovich-Rubinstein",
            "W1 = max E_data[f] - E_g[f], |f'| <= 1",
            w1(x, p_data, p_g),
            largest_difference_of_means(x, p_data, p_g),
        ),
    ]


def largest_difference_of_means(x: Density, p_data: Density, p_g: Density) -> float:
    """max E_{x~p_data}[f] - E_{x~p_g}[f] over all f that have the slope 1 or -1 in each gap of x.

    The difference is linear in the slopes, so its maximum over [-1, 1] is at such an f. There are
    2^(n - 1) of them.
    """
    best = -math.inf
    for slopes in product((-1, 1), repeat=len(x) - 1):
        f = np.cumsum(slopes * np.diff(x))  # from the second point on; at the first one f = 0
        best = max(best, float(f @ (p_data - p_g)[1:]))
    return best
