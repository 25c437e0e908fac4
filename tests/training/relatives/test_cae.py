"""A stacked CAE in a run: the same bits as the function of `theory`, and its loss."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_relative

from minigan import draws
from minigan.data import digits
from minigan.theory.relatives.cae import StackedCAE, cae_loss, train_stacked_cae


def test_a_run_has_the_bits_of_the_function_in_theory() -> None:
    experiment = tiny_relative.experiment(
        "cae",
        3,
        optimizer__rate_divisor=1.0,
        optimizer__momentum=0.9,
        optimizer__momentum_final=0.9,
        training__m=100,
    )
    for t in range(6):
        loss = experiment.iterate(t)
    expected = train_stacked_cae(digits.load("train"), (5, 4), 3, 0.1, 0.1, 3)
    for player, theta in zip(experiment.model.players, expected.thetas, strict=True):
        assert player.theta.vector.tobytes() == theta.vector.tobytes()
    rows = draws.generator(3, "cae/1", 2).integers(len(experiment.images), size=100)
    codes = StackedCAE(expected.thetas[:1]).codes(experiment.images.gather(rows))
    assert loss() == float(cae_loss(expected.thetas[1], codes, 0.1))


def test_chains_start_at_noise_with_the_mean_and_covariance_of_the_codes() -> None:
    experiment = tiny_relative.experiment("cae", model__chain_steps=1, model__chain_sigma=0.0)
    for t in range(5):
        experiment.iterate(t)
    experiment.samples(1)
    model, theta = experiment.model, experiment.model.players[1].theta
    stack = StackedCAE((model.players[0].theta, theta))
    codes = stack.codes(experiment.images.all())
    assert model.arrays["mean_1"] == pytest.approx(codes.mean(axis=0), abs=1e-6)
    L = model.arrays["L_1"].astype(np.float64)
    assert np.allclose(L @ L.T, np.cov(codes.T) + 1e-6 * np.eye(4), atol=1e-7)
    assert not model.arrays["mean_0"].any()
    assert not model.arrays["L_0"].any()
    z = draws.generator(9, "cae/start", 0).standard_normal((3, 4), dtype=np.float32)
    h = np.clip(model.arrays["mean_1"] + z @ model.arrays["L_1"].T, 0, 1)
    expected = stack.decoded(stack.codes(stack.decoded(h)))  # a step without noise
    assert np.allclose(model.samples(3, 9), expected, atol=1e-6)


def test_the_chains_of_the_lower_layer_start_at_its_own_codes() -> None:
    experiment = tiny_relative.experiment("cae")
    experiment.iterate(0)
    state = experiment.state()
    assert state["mean_0"].any()
    assert not state["mean_1"].any()
    assert experiment.samples(6).shape == (6, 64)
