"""Toy densities with a known formula: mixtures of Gaussians in one or two dimensions.

    p(x) = sum_j w_j N(x; mu_j, s^2 I)

Because p is known at every x, a trained D can be compared with D* = p_data / (p_data + p_g), and
the modes that G misses can be listed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array


@dataclass(frozen=True)
class Mixture:
    """Means (j, d), one standard deviation s for all modes, weights (j,) that sum to 1."""

    means: Array
    s: float
    weights: Array

    def density(self, x: Array) -> Array:
        """p(x) for each row of x (m, d), float64, shape (m,)."""
        d = self.means.shape[1]
        squares = np.square(x[:, None, :] - self.means).sum(axis=-1)
        bumps = np.exp(-squares / (2 * self.s**2)) / (self.s * math.sqrt(2 * math.pi)) ** d
        p: Array = bumps @ self.weights
        return p

    def sample(self, rng: np.random.Generator, m: int) -> Array:
        """x (m, d) float64: m independent draws from p."""
        modes = rng.choice(len(self.weights), size=m, p=self.weights)
        noise = rng.standard_normal((m, self.means.shape[1]))
        x: Array = self.means[modes] + self.s * noise
        return x


def normal_density(mean: float = 0.0, s: float = 1.0) -> Mixture:
    """N(mean, s^2), d = 1."""
    return _equal_weights(np.array([[mean]]), s)


def two_bumps(distance: float = 4.0, s: float = 1.0) -> Mixture:
    """Two Gaussians of equal weight at -distance / 2 and +distance / 2, d = 1."""
    return _equal_weights(np.array([[-distance / 2], [distance / 2]]), s)


def one_peak() -> Mixture:
    """p_data of Figure 1, d = 1: one peak at 1.5, with lighter tails than a single Gaussian."""
    return Mixture(np.array([[0.6], [1.5], [2.4]]), 0.45, np.array([0.25, 0.5, 0.25]))


def ring(modes: int = 8, radius: float = 2.0, s: float = 0.1) -> Mixture:
    """Gaussians of equal weight at equal angles on a circle, the first at (radius, 0), d = 2."""
    angles = 2 * math.pi * np.arange(modes) / modes
    return _equal_weights(radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), s)


def grid(side: int = 5, spacing: float = 1.0, s: float = 0.05) -> Mixture:
    """side * side Gaussians of equal weight on a square grid centred on 0, d = 2."""
    line = spacing * (np.arange(side) - (side - 1) / 2)
    means = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    return _equal_weights(means, s)


def _equal_weights(means: Array, s: float) -> Mixture:
    return Mixture(means, s, np.full(len(means), 1 / len(means)))
