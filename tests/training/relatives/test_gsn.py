"""A GSN in a run: the same bits as the function of `theory`, and where its chains start."""

from __future__ import annotations

import numpy as np
import tiny_relative

from minigan.data import digits
from minigan.theory.relatives import gsn


def test_a_run_has_the_bits_of_the_function_in_theory() -> None:
    experiment = tiny_relative.experiment(
        "gsn",
        3,
        optimizer__rate_divisor=1.0,
        optimizer__momentum_final=0.5,
        training__m=100,
        model__walk_steps=4,
    )
    for t in range(3):
        loss = experiment.iterate(t)
    experiment.model.prepare_chains(experiment.images)
    model, train = gsn.GSN(64, (5, 4), 0.5, 0.2), digits.load("train")
    expected = gsn.train_gsn(model, train, 3, 0.1, 3)
    assert experiment.model.players[0].theta.vector.tobytes() == expected.vector.tobytes()
    start = gsn.noise_of_marginals(train, 7, 2)
    samples = gsn.walk_samples(model, expected, start, 3, 2)
    assert experiment.model.samples(7, 2).tobytes() == samples.tobytes()
    assert 2.5 < loss() < 3.0  # about 4 log 2 before training


def test_the_means_of_the_pixels_are_kept_for_the_start_of_chains() -> None:
    experiment = tiny_relative.experiment("gsn")
    assert not experiment.model.arrays["means"].any()
    experiment.state()
    assert np.array_equal(experiment.model.arrays["means"], digits.load("train").mean())
    assert experiment.model.layer == 1
