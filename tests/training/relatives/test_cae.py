"""A stacked CAE in a run: the same bits as the function of `theory`, and its loss."""

from __future__ import annotations

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
    assert experiment.model.samples(7, 2).tobytes() == expected.samples(7, 3, 0.5, 2).tobytes()
    rows = draws.generator(3, "cae/1", 2).integers(len(experiment.images), size=100)
    codes = StackedCAE(expected.thetas[:1]).codes(experiment.images.gather(rows))
    assert loss() == float(cae_loss(expected.thetas[1], codes, 0.1))
