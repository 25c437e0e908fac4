"""Samples from a run folder: the right G, checkpoint and noise."""

from __future__ import annotations

import numpy as np
import pytest
import tiny
from PIL import Image
from runs_of import train

from minigan.data import points
from minigan.errors import UserError
from minigan.training import pictures, sampling


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of six iterations, saved every 3 and kept every 3."""
    return train(tmp_path_factory.mktemp("finished") / "run", log__keep_every=3)


def test_a_loaded_G_is_that_of_the_run(finished):
    straight = tiny.experiment()
    for t in range(6):
        straight.iterate(t)
    loaded = sampling.load_sampler(finished.run.path)
    np.testing.assert_array_equal(loaded.theta_g.vector, straight.game.player_g.theta.vector)
    assert loaded.G == straight.game.G


def test_a_G_with_deconvolutions_beside_a_D_with_convolutions_is_loaded(tmp_path):
    convolution = {"channels": 2, "pieces": 2, "kernel": 3, "pool": 2, "pool_stride": 2}
    images = {
        "generator__hidden": [8, 18],
        "generator__map": [3, 3],
        "generator__deconvolutions": [{"channels": 1, "kernel": 4, "stride": 2}],
        "discriminator__convolutions": [convolution],
    }
    trained = train(tmp_path / "run", **images)
    loaded = sampling.load_sampler(trained.run.path)
    saved = trained.run.load_checkpoint("last")["theta_g"]
    np.testing.assert_array_equal(loaded.theta_g.vector, saved)
    assert loaded.G.outputs == 64


@pytest.mark.parametrize("which", ["last", "best", "3", "6", "00006"])
def test_every_kept_checkpoint_can_be_sampled(finished, which):
    best = finished.run.load_checkpoint("best")["iteration"]
    straight = tiny.experiment()
    for t in range({"last": 6, "best": int(best)}.get(which) or int(which)):
        straight.iterate(t)
    loaded = sampling.load_sampler(finished.run.path, which)
    np.testing.assert_array_equal(loaded.theta_g.vector, straight.game.player_g.theta.vector)


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("4", r"no checkpoint .*00000004\.npz; available checkpoints: last, best, 3, 6"),
        ("first", "the checkpoint must be last, best or an iteration, not 'first'"),
        ("-1", "the checkpoint must be last, best or an iteration, not '-1'"),
        ("9" * 5000, "the checkpoint must be last, best or an iteration"),
    ],
)
def test_a_missing_checkpoint_is_refused_with_the_available_ones(finished, which, words):
    with pytest.raises(UserError, match=words):
        sampling.load_sampler(finished.run.path, which)


def test_samples_of_points_are_a_picture_over_the_data(tmp_path):
    run = train(tmp_path / "run", data__set="ring", generator__output="linear").run
    out = sampling.sample(run.path, 50, 7, tmp_path / "a.png")
    loaded = sampling.load_sampler(run.path)
    samples = loaded.samples(loaded.noise(50, seed=7))
    expected = pictures.scatter(samples, points.load("ring")[1].all())
    np.testing.assert_array_equal(np.asarray(Image.open(out)), expected)
    array = np.load(sampling.sample(run.path, 50, 7, tmp_path / "a.npy"))
    np.testing.assert_array_equal(array, samples)


def test_a_sheet_of_samples_is_that_of_G_on_the_noise_of_the_seed(finished, tmp_path):
    out = sampling.sample(finished.run.path, 5, 7, tmp_path / "a.png")
    assert out == tmp_path / "a.png"
    loaded = sampling.load_sampler(finished.run.path)
    expected = pictures.sheet(loaded.samples(loaded.noise(5, seed=7)), 8, 8)
    np.testing.assert_array_equal(np.asarray(Image.open(out)), expected)


def test_samples_as_an_array_are_float32_pixels_from_0_to_1(finished, tmp_path):
    one, same, other = (
        np.load(sampling.sample(finished.run.path, 5, seed, tmp_path / f"{name}.npy"))
        for name, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    assert (one.shape, one.dtype) == ((5, 64), np.float32)
    assert 0 < one.min() < one.max() < 1
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_sheet_has_at_most_10000_samples(finished, tmp_path):
    with pytest.raises(UserError, match=r"at most 10000 samples, not 10001: use a \.npy file"):
        sampling.sample(finished.run.path, 10_001, 0, tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.jpg", "a", ".png", "a.npz"])
def test_other_suffixes_than_png_and_npy_are_refused(finished, tmp_path, name):
    with pytest.raises(UserError, match=r"must end in \.png \(a sheet\) or \.npy \(an array\)"):
        sampling.sample(finished.run.path, 5, 0, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
