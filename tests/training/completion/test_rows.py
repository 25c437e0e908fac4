"""The rows of the completion game: [x, s], and [z, s x, s]; and the density that it finds."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from minigan.backends import open_backend
from minigan.data import digits
from minigan.data.sets import DataSet
from minigan.draws import generator, noise
from minigan.training import recipes
from minigan.training.completion.rows import BesideMasks, PriorOfCompletions
from minigan.training.experiment import Experiment
from minigan.training.parts import Parts

KINDS = ("pixels", "half")


def test_masks_stand_beside_the_examples():
    x = digits.load("train").gather(np.arange(6))
    rows = BesideMasks((8, 8, 1), KINDS)(generator(1, "test", 0), x)
    np.testing.assert_array_equal(rows[:, :64], x)
    assert set(np.unique(rows[:, 64:])) == {0, 1}
    assert rows.dtype == np.float32


def test_the_prior_has_z_the_observed_values_of_training_examples_and_their_masks():
    train = digits.load("train")
    rows = PriorOfCompletions(noise.uniform, train, KINDS)(generator(1, "test", 0), 40, 3 + 128)
    z, k, s = rows[:, :3], rows[:, 3:67], rows[:, 67:]
    assert rows.dtype == np.float32
    assert np.abs(z).max() < 3**0.5
    assert not k[s == 0].any()
    x = train.all()
    for i in range(40):  # each row is observed in some training example
        assert (np.abs(s[i] * x - k[i]).max(axis=1) == 0).any()
    assert len({row.tobytes() for row in k}) > 30


class Gaussian:
    """Points of the plane with variances 1 and the correlation RHO."""

    shape = (2,)

    def __init__(self, N, seed):
        x, e = np.random.default_rng(seed).standard_normal((2, N))
        self.numbers = np.stack([x, RHO * x + (1 - RHO**2) ** 0.5 * e], 1).astype(np.float32)

    def __len__(self):
        return len(self.numbers)

    def gather(self, indices, *, out=None):
        return np.take(self.numbers, indices, axis=0, out=out)

    def all(self):
        return self.numbers.copy()


RHO = 0.8
SETTINGS = [
    *("data.masks=['pixels']", "generator.hidden=[32, 32]", "discriminator.units=[32, 32]"),
    *("training.m=256", "discriminator.penalty_weight=0.2"),
    *("optimizer.rate=0.004", "optimizer.rate_divisor=1.003"),
    *("generator.average_keep=0.998", "generator.average_every=1"),
]


def test_one_G_finds_both_conditional_densities_of_a_correlated_gaussian():
    """E[x_2 | x_1] = RHO x_1 and Var[x_2 | x_1] = 1 - RHO^2, and the same with 1 and 2 swapped."""
    data = DataSet("gaussian", *(Gaussian(N, seed) for seed, N in enumerate((20_000, 10, 10))))
    recipe = recipes.load("grid", SETTINGS)
    experiment = Experiment.begin(recipe, 1, open_backend("cpu"), parts=Parts(data=data))
    with threadpool_limits(1):
        for t in range(700):
            experiment.iterate(t)
    for observed, missing in ((0, 1), (1, 0)):
        x, s = np.zeros((2, 3, 2), np.float32)
        x[:, observed], s[:, observed] = (-1, 0, 1), 1
        completed = experiment.sampler.completions(x, s, 4000, 0).astype(np.float64)
        assert not np.ptp(completed[:, :, observed], axis=1).any()
        found = completed[:, :, missing]
        np.testing.assert_allclose(found.mean(axis=1), RHO * x[:, observed], atol=0.05)
        np.testing.assert_allclose(found.var(axis=1), 1 - RHO**2, atol=0.05)
