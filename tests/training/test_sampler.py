"""Samples from noise: the same numbers in blocks, with limited memory."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import tiny

from minigan import draws
from minigan.draws import noise
from minigan.network import Network
from minigan.training import sampler


def test_noise_for_samples_is_a_stream_that_training_does_not_use():
    game = tiny.experiment(seed=4)
    for seed in (4, 0):
        expected = noise.uniform(draws.generator(seed, "noise/samples", 0), 6, 3)
        np.testing.assert_array_equal(game.sampler.noise(6, seed), expected)
    assert not np.array_equal(game.sampler.noise(10, 4), game.game.draws.noise("G", 0))


def test_the_noise_is_drawn_from_the_prior():
    z = tiny.experiment(prior__kind="gaussian").sampler.noise(6, 4)
    np.testing.assert_array_equal(z, noise.gaussian(draws.generator(4, "noise/samples", 0), 6, 3))


def test_noise_of_a_conditional_run_ends_with_all_classes_in_order_or_with_one():
    made = tiny.experiment(**tiny.CONDITIONAL).sampler
    z = made.noise(20, 4)
    assert (z.shape, z.dtype) == ((20, 13), np.float32)
    np.testing.assert_array_equal(z[:, :3], tiny.experiment().sampler.noise(20, 4))
    np.testing.assert_array_equal(z[:, 3:], np.repeat(np.eye(10), 2, axis=0))
    only = made.noise(20, 4, only=7)
    np.testing.assert_array_equal(only[:, :3], z[:, :3])
    assert only[:, 3:].argmax(axis=1).tolist() == [7] * 20
    assert made.samples(z).shape == (20, 64)


def test_further_inputs_of_G_are_0_for_samples():
    for changes, zeros in ((tiny.COMPLETING, 128), (tiny.NOISY, 64)):
        made = tiny.experiment(**changes).sampler
        z = made.noise(20, 4)
        assert (z.shape, z.dtype) == ((20, 3 + zeros), np.float32)
        np.testing.assert_array_equal(z[:, :3], tiny.experiment().sampler.noise(20, 4))
        assert not z[:, 3:].any()
        assert (made.n, made.samples(z).shape) == (64, (20, 64))
        assert made.completes == (zeros == 128)


def test_completions_keep_what_is_observed_and_have_a_z_each():
    game = tiny.experiment(**tiny.COMPLETING)
    x = game.data.test.all()[:2]
    s = np.zeros_like(x)
    s[0, :32], s[1, 5:] = 1, 1
    found = game.sampler.completions(x, s, 3, 9)
    assert (found.shape, found.dtype) == ((2, 3, 64), np.float32)
    z = noise.uniform(draws.generator(9, "noise/completions", 0), 6, 3).reshape(2, 3, 3)
    for i in range(2):
        np.testing.assert_array_equal(found[i][:, s[i] == 1], [x[i][s[i] == 1]] * 3)
        rows = np.hstack([z[i], np.tile(np.concatenate([s[i] * x[i], s[i]]), (3, 1))])
        expected = game.sampler.samples(rows.astype(np.float32))
        np.testing.assert_allclose(found[i], expected, atol=1e-6)


def test_samples_are_G_of_z_layer_by_layer():
    game = tiny.experiment()
    z, theta = game.sampler.noise(4, 1), game.game.player_g.theta
    h = z.astype(np.float64)
    for layer in (1, 2, 3):
        h = h @ theta[f"linear{layer}.W"].astype(np.float64) + theta[f"linear{layer}.b"]
        h = np.maximum(h, 0) if layer < 3 else 1 / (1 + np.exp(-h))
    samples = game.sampler.samples(z)
    assert (samples.shape, samples.dtype) == ((4, 64), np.float32)
    np.testing.assert_allclose(samples, h, atol=1e-6)


def test_many_samples_are_computed_in_blocks_and_in_order(monkeypatch):
    game = tiny.experiment()
    z = game.sampler.noise(11, 1)
    whole = game.sampler.samples(z)
    rows = []
    forward = Network.forward
    monkeypatch.setattr(
        Network, "forward", lambda *a, **o: (rows.append(len(a[2])), forward(*a, **o))[1]
    )
    monkeypatch.setattr(sampler, "ROWS_AT_A_TIME", 4)
    np.testing.assert_allclose(game.sampler.samples(z), whole, atol=1e-6)
    assert rows == [4, 4, 3]


def test_many_samples_need_the_memory_of_the_samples_and_of_one_block():
    game = tiny.experiment()
    z = game.sampler.noise(20_000, 1)
    gc.disable()
    tracemalloc.start()
    try:
        samples = game.sampler.samples(z)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    one_block = 1000 * 4 * 2 * (3 + 7 + 7 + 5 + 5 + 64 + 64)  # every layer's y and dx, in float32
    assert peak < samples.nbytes + 2 * one_block
