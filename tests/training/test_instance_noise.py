"""Instance noise: its deviation on data and samples in training, and samples without it."""

from __future__ import annotations

import numpy as np
import tiny

from minigan.draws import generator, noise
from minigan.draws.minibatches import Minibatches
from minigan.training.instance_noise import Noisy, PriorWithNoise

S = 0.1


def test_examples_get_noise_of_the_deviation_of_the_recipe():
    x = np.full((500, 40), 0.3, np.float32)
    added = Noisy(S)(generator(1, "test", 0), x) - x
    assert added.dtype == np.float32
    np.testing.assert_allclose(added.std(), S, rtol=0.03)
    np.testing.assert_allclose(added.mean(), 0, atol=0.005)


def test_the_prior_has_z_first_and_then_the_noise_of_the_samples():
    rows = PriorWithNoise(noise.uniform, 40, S)(generator(2, "test", 0), 500, 43)
    np.testing.assert_array_equal(rows[:, :3], noise.uniform(generator(2, "test", 0), 500, 3))
    np.testing.assert_allclose(rows[:, 3:].std(), S, rtol=0.03)


def test_in_training_D_sees_both_kinds_of_rows_with_noise_and_samples_have_none():
    plain, noisy = tiny.experiment(), tiny.experiment(**tiny.NOISY)
    for one in (plain, noisy):
        one.iterate(0)
    np.testing.assert_array_equal(plain.samples(4).shape, noisy.samples(4).shape)
    game, m = noisy.game, noisy.game.m
    assert isinstance(game.draws, Minibatches)
    step = game.k - 1
    assert isinstance(game.draws, Minibatches)
    x = noisy.data.train.gather(game.draws.indices(step))
    real = game.batch[:m] - x
    np.testing.assert_allclose(real.std(), S, rtol=0.1)
    # The samples of the D step, with the same z and noise, by hand.
    z = game.draws.noise("D", step)
    fresh = tiny.experiment(**tiny.NOISY)  # theta_g before the first update of G
    sampler = fresh.sampler
    without = sampler.samples(np.hstack([z[:, :3], np.zeros((m, 64), np.float32)]))
    np.testing.assert_allclose(game.batch[m:], without + z[:, 3:], atol=1e-6)
    np.testing.assert_allclose((game.batch[m:] - without).std(), S, rtol=0.1)
    z = sampler.noise(4, 1)
    assert z.shape == (4, 67)
    assert not z[:, 3:].any()
