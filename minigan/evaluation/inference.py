"""The loss of an inference network E, which predicts z from x = G(z), and its R^2.

    J = 1/m sum_i |e_i - z_i|^2          e = E(G(z))        minimised in theta_e
    dJ/de_ij = 2 (e_ij - z_ij) / m
    R^2 = 1 - sum_ij (e_ij - z_ij)^2 / sum_ij (z_ij - mean_j)^2      mean_j: mean of z_ij over i

J is smallest for E(x) = E[z | x], the mean of all z that G maps to x. R^2 is the share of the
variance of z that E predicts: 1 for a perfect prediction, 0 for the constant mean.

Section 7 of the paper: "learned approximate inference can be performed by training an auxiliary
network to predict z given x".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array


def prediction_error(e: Array, z: Array) -> Any:
    """J for predictions e (m, z_size) of z (m, z_size)."""
    return ((e - z) * (e - z)).sum() / len(z)


def prediction_error_gradient(e: Array, z: Array) -> Array:
    """dJ/de = 2 (e - z) / m, of shape (m, z_size)."""
    de: Array = e - z
    de *= 2 / len(z)
    return de


def r_squared(e: Array, z: Array) -> float:
    """R^2 of predictions e (N, z_size) of z (N, z_size), in float64. NaN if z is constant."""
    e, z = e.astype(np.float64), z.astype(np.float64)
    variance = float(np.square(z - z.mean(axis=0)).sum())
    return 1 - float(np.square(e - z).sum()) / variance if variance else float("nan")
