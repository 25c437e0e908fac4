"""A DBN in a run: the same bits as the function of `theory`, and PCD."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_relative

from minigan import draws
from minigan.data import digits
from minigan.parameters import Parameters
from minigan.theory.relatives.dbn import train_dbn
from minigan.theory.relatives.rbm import gibbs
from minigan.theory.relatives.vae import binarised

CONSTANT = {
    "optimizer__rate_divisor": 1.0,
    "optimizer__momentum_final": 0.5,
    "training__m": 100,
}


@pytest.mark.parametrize("persistent", [False, True])
def test_a_run_has_the_bits_of_the_function_in_theory(persistent) -> None:
    experiment = tiny_relative.experiment("dbn", 3, **CONSTANT, model__persistent=persistent)
    for t in range(6):
        experiment.iterate(t)
    expected = train_dbn(digits.load("train"), (5, 4), 3, 0.1, 3, k=2, persistent=persistent)
    for player, theta in zip(experiment.model.players, expected.thetas, strict=True):
        assert player.theta.vector.tobytes() == theta.vector.tobytes()
    assert experiment.model.samples(7, 2).tobytes() == expected.samples(7, 3, 2).tobytes()


def test_the_chains_of_pcd_continue_and_those_of_cd_begin_at_the_data() -> None:
    experiment = tiny_relative.experiment("dbn", **tiny_relative.PCD)
    experiment.iterate(0)
    theta = experiment.model.players[0].theta
    before = experiment.model.arrays["chains_0"].copy()
    assert before.any()
    assert experiment.model.arrays.keys() == {"chains_0", "chains_1"}
    theta_before = Parameters(theta.shapes, theta.vector.copy())
    rng = draws.generator(1, "dbn/0", 1)
    binarised(experiment.images.gather(rng.integers(len(experiment.images), size=10)), rng)
    expected = gibbs(theta_before, before, 2, rng)
    experiment.iterate(1)
    assert np.array_equal(experiment.model.arrays["chains_0"], expected)
    assert tiny_relative.experiment("dbn").model.arrays == {}
