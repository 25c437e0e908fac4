"""The losses of E for a linear G, where both are closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import tiny

from minigan.layers import Linear
from minigan.network import Network
from minigan.training.inference.losses import (
    LOSSES,
    PredictionLoss,
    ReconstructionLoss,
    loss_of,
)

G = Network(2, (Linear(5, 1.0),))


def example(m=4):
    rng = np.random.default_rng(3)
    theta = G.initial(0, "theta_g", np.float64)
    return theta, *(rng.normal(size=(m, n)) for n in (2, 5, 2))


def test_both_losses_of_a_linear_G_are_the_closed_forms():
    """d = e A + b - x: J = mean |d|^2 and dJ/de = 2 d A^T / m; for z: d = e - z."""
    theta, e, x, z = example()
    A, b = theta["linear1.W"], theta["linear1.b"]
    d = e @ A + b - x
    images, of_z = ReconstructionLoss(G, theta), PredictionLoss()
    assert images.error(e, x, z) == pytest.approx(np.square(d).sum(axis=1).mean(), rel=1e-13)
    assert np.allclose(images.gradient(e, x, z), 2 * d @ A.T / 4, rtol=1e-12)
    assert of_z.error(e, x, z) == pytest.approx(np.square(e - z).sum(axis=1).mean(), rel=1e-13)
    assert np.allclose(of_z.gradient(e, x, z), (e - z) / 2, rtol=1e-12)


def test_the_buffers_of_G_are_used_again_and_theta_g_is_the_same():
    theta, e, x, z = example()
    before, loss = theta.vector.copy(), ReconstructionLoss(G, theta)
    first = loss.gradient(e, x, z)
    trace = loss.trace
    assert not np.allclose(loss.gradient(2 * e, x, z), first)
    assert loss.trace is trace
    assert np.array_equal(theta.vector, before)


def test_the_names_are_those_of_the_losses():
    sampler = tiny.experiment().sampler
    images, of_z = (loss_of(name, sampler) for name in ("images", "z"))
    assert isinstance(images, ReconstructionLoss)
    assert (images.G, images.theta_g) == (sampler.G, sampler.theta_g)
    assert isinstance(of_z, PredictionLoss)
    assert LOSSES == ("images", "z")
