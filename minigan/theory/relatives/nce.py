"""Noise-contrastive estimation (NCE) fits a density, with its normaliser, by classification.

    log p(x) = phi(x) . theta,   phi(x) = (x, x^2, 1)          theta_3 is the normaliser c, learned
    a(x) = log p(x) - log q(x)                                 q: the known density of the noise
    V = E_data[log sigma(a)] + E_noise[log(1 - sigma(a))]      Eq. 1, ascended in theta
    dV/dtheta = E_data[sigma(-a) phi] - E_noise[sigma(a) phi]

D = sigma(a) = p / (p + q) has the form of D* (Eq. 2), so the model is inside D, and no other
network learns. q is fixed, and V is concave in theta. Derivation: da/dtheta = phi, and the
derivatives of log sigma(a) and of log(1 - sigma(a)) in a are sigma(-a) and -sigma(a).

Two facts that `errors` and `self_contrastive_row` compute:

    V is maximal at the true theta. With n examples and n noise samples the error of c is about
    sqrt(C_33 / n), C = H^-1 S H^-1, with
        H = E_data[s phi phi^T] + E_noise[s phi phi^T],   s = sigma(a) sigma(-a)
        S = Cov_data(sigma(-a) phi) + Cov_noise(sigma(a) phi)
    If q is a copy of the model, a = 0 and dV/dtheta = (E_data[phi] - E_model[phi]) / 2: one half
    of the gradient of the log-likelihood.

Source: Gutmann and Hyvarinen 2010. The second fact: Goodfellow 2014, arXiv 1412.6515.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan import draws
from minigan.arrays import Array, array_module
from minigan.layers import sigmoid
from minigan.objectives import softplus
from minigan.theory.rows import Statement

NODES, TAIL = 1001, 9  # the mass beyond 9 standard deviations is 2e-19
STEPS = 50  # of Newton's method, at most; about 8 are needed
CLOSE, ROUNDING = 1e-20, 1e-12  # in V


@dataclass(frozen=True)
class Gaussian:
    """The density N(mean, deviation^2) on the line."""

    mean: float
    deviation: float

    @property
    def theta(self) -> Array:
        """theta (3,) of the model that equals this density; the last is the normaliser c."""
        variance = self.deviation**2
        c = -(self.mean**2) / (2 * variance) - math.log(self.deviation * math.sqrt(2 * math.pi))
        return np.array([self.mean / variance, -1 / (2 * variance), c])

    def draw_points(self, n: int, seed: int, stream: str) -> WeightedPoints:
        """n samples with equal weights."""
        t = draws.generator(seed, f"nce/{stream}", 0).standard_normal(n)
        return WeightedPoints(self.mean + self.deviation * t, np.full(n, 1 / n))

    def nodes(self) -> WeightedPoints:
        """NODES points whose weighted sums are expectations (trapezoidal rule)."""
        t, step = np.linspace(-TAIL, TAIL, NODES, retstep=True)
        weights = np.exp(-(t**2) / 2) * (step / math.sqrt(2 * math.pi))
        return WeightedPoints(self.mean + self.deviation * t, weights)


@dataclass(frozen=True)
class WeightedPoints:
    """Points x (N,) with weights (N,) whose sum is 1: a sample, or the nodes of a quadrature."""

    x: Array
    weights: Array


DATA, NOISE = Gaussian(0.5, 0.5), Gaussian(0.0, 1.0)


def features(x: Array) -> Array:
    """phi (N, 3)."""
    return np.stack([x, x**2, np.ones_like(x)], axis=1)


def contrast(theta: Array, x: Array, noise: Gaussian) -> Array:
    """a (N,) = log p(x) - log q(x)."""
    a: Array = array_module(theta).matmul(features(x), theta - noise.theta)
    return a


def nce_value(theta: Array, data: WeightedPoints, samples: WeightedPoints, noise: Gaussian) -> Any:
    """V in nats, for points of the data and of the noise."""
    a_data, a_noise = contrast(theta, data.x, noise), contrast(theta, samples.x, noise)
    of_noise = (samples.weights * softplus(a_noise)).sum()
    return -(data.weights * softplus(-a_data)).sum() - of_noise


def nce_gradient(
    theta: Array, data: WeightedPoints, samples: WeightedPoints, noise: Gaussian
) -> Array:
    """dV/dtheta (3,)."""
    a_data, a_noise = contrast(theta, data.x, noise), contrast(theta, samples.x, noise)
    of_data = features(data.x).T @ (data.weights * sigmoid.forward(-a_data))
    of_noise = features(samples.x).T @ (samples.weights * sigmoid.forward(a_noise))
    gradient: Array = of_data - of_noise
    return gradient


def nce_hessian(
    theta: Array, data: WeightedPoints, samples: WeightedPoints, noise: Gaussian
) -> Array:
    """H (3, 3), minus the second derivative of V in theta."""
    H = np.zeros((3, 3))
    for points in (data, samples):
        phi, a = features(points.x), contrast(theta, points.x, noise)
        H += (phi.T * sigmoid.backward_input(points.weights, a)) @ phi
    return H


def fit_by_nce(data: WeightedPoints, samples: WeightedPoints, noise: Gaussian) -> Array:
    """theta (3,) of the largest V, by Newton's method with halved steps, from the theta of q."""
    theta = noise.theta
    V = nce_value(theta, data, samples, noise)
    for _ in range(STEPS):
        g = nce_gradient(theta, data, samples, noise)
        step = np.linalg.solve(nce_hessian(theta, data, samples, noise), g)
        if g @ step < CLOSE:
            break
        while (V_next := nce_value(theta + step, data, samples, noise)) < V - ROUNDING:
            step /= 2
        theta, V = theta + step, V_next
    return theta


def predicted_error(n: int) -> float:
    """sqrt(C_33 / n): the error of c that the theory predicts for n examples of DATA."""
    theta, data, samples = DATA.theta, DATA.nodes(), NOISE.nodes()
    S = np.zeros((3, 3))
    for points, sign in ((data, -1), (samples, 1)):
        phi = features(points.x)
        rows = sigmoid.forward(sign * contrast(theta, points.x, NOISE))[:, None] * phi
        mean = points.weights @ rows
        S += (rows.T * points.weights) @ rows - np.outer(mean, mean)
    inverse = np.linalg.inv(nce_hessian(theta, data, samples, NOISE))
    return math.sqrt((inverse @ S @ inverse)[2, 2] / n)


def errors(sizes: Sequence[int], repeats: int, seed: int = 0) -> list[float]:
    """The root mean squared error of the learned c for each n in `sizes`, over `repeats` fits."""
    found = []
    for n in sizes:
        squares = 0.0
        for repeat in range(repeats):
            data = DATA.draw_points(n, seed, f"data/{n}/{repeat}")
            samples = NOISE.draw_points(n, seed, f"noise/{n}/{repeat}")
            squares += (fit_by_nce(data, samples, NOISE)[2] - DATA.theta[2]) ** 2
        found.append(math.sqrt(squares / repeats))
    return found


def self_contrastive_row(rng: np.random.Generator) -> Statement:
    """dV/dtheta with noise from a copy of the model, and half of the likelihood's gradient.

    The expected number uses the moments of both densities in closed form.
    """
    (mean, mu), (s, deviation) = rng.uniform(-1, 1, 2), rng.uniform(0.5, 1, 2)
    model = Gaussian(mu, deviation)
    gradient = nce_gradient(model.theta, Gaussian(mean, s).nodes(), model.nodes(), model)
    half = np.array([mean - mu, mean**2 + s**2 - mu**2 - deviation**2, 0]) / 2
    worst = int(abs(gradient - half).argmax())
    formula = "noise = model: dV/dtheta = 1/2 d log L/dtheta"
    return Statement("section 2, NCE", formula, float(gradient[worst]), float(half[worst]))
