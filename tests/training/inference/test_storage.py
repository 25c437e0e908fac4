"""E is saved with the digest of its theta_g, read with care, and continued after an interrupt."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
from softgpu import standin

from minigan.backends.cupy import CuPyBackend
from minigan.errors import UserError
from minigan.evaluation.residual import refined
from minigan.training.experiment import Experiment
from minigan.training.inference import storage
from minigan.training.inference.storage import digest_of, encoder_file, encoder_of_run
from minigan.training.runs import checkpoint


@pytest.fixture
def sampler():
    return tiny.experiment().sampler


def test_E_is_saved_and_read_again_without_training(tmp_path, sampler):
    path = tmp_path / "inference.npz"
    first = encoder_of_run(path, sampler, 3)
    content = path.read_bytes()
    again = encoder_of_run(path, sampler, 2)
    assert again.player.updates == 3
    assert path.read_bytes() == content
    assert np.array_equal(first.player.theta.vector, again.player.theta.vector)
    x = sampler.samples(sampler.noise(5, 0))
    assert np.array_equal(first.codes(x), again.codes(x))


def test_an_interrupted_training_continues_from_the_last_save(tmp_path, sampler, monkeypatch):
    monkeypatch.setattr(storage, "SAVE_EVERY", 4)
    whole = encoder_of_run(tmp_path / "whole.npz", sampler, 10)

    def interrupt(encoder, draw, loss, updates, after):
        def draw_or_stop(t):
            if t == 6:
                raise KeyboardInterrupt
            return draw(t)

        train(encoder, draw_or_stop, loss, updates, after)

    train = storage.train_encoder
    with monkeypatch.context() as patch:
        patch.setattr(storage, "train_encoder", interrupt)
        with pytest.raises(KeyboardInterrupt):
            encoder_of_run(tmp_path / "parts.npz", sampler, 10)
    assert checkpoint.load(tmp_path / "parts.npz")["iteration"] == 4
    parts = encoder_of_run(tmp_path / "parts.npz", sampler, 10)
    assert np.array_equal(whole.player.theta.vector, parts.player.theta.vector)
    assert (tmp_path / "whole.npz").read_bytes() == (tmp_path / "parts.npz").read_bytes()


def test_E_of_another_G_is_refused_and_can_be_trained_again(tmp_path, sampler):
    path = tmp_path / "inference.npz"
    encoder_of_run(path, sampler, 1)
    sampler.theta_g.vector[-1] += 1
    with pytest.raises(UserError, match=r"was trained for another G: remove it, or .*--retrain"):
        encoder_of_run(path, sampler, 1)
    encoder_of_run(path, sampler, 2, retrain=True)
    assert encoder_of_run(path, sampler, 1).player.updates == 2


def test_the_loss_is_that_of_the_file_and_another_one_is_refused(tmp_path, sampler):
    path = tmp_path / "inference.npz"
    assert encoder_of_run(path, sampler, 1).loss == "images"
    encoder_of_run(path, sampler, 1, retrain=True, loss="z")
    assert encoder_of_run(path, sampler, 2).loss == "z"
    with pytest.raises(UserError, match=r"trained with the loss z: leave out --loss, or .*--ret"):
        encoder_of_run(path, sampler, 2, loss="images")


def test_an_older_file_without_a_loss_was_trained_to_predict_z(tmp_path, sampler):
    path = tmp_path / "inference.npz"
    encoder_of_run(path, sampler, 2, loss="z")
    arrays = checkpoint.load(path)
    del arrays["loss"]
    checkpoint.save(path, arrays)
    older, whole = encoder_of_run(path, sampler, 3), tmp_path / "whole.npz"
    assert older.loss == "z"
    assert np.array_equal(
        older.player.theta.vector, encoder_of_run(whole, sampler, 3, loss="z").player.theta.vector
    )


def test_the_digest_depends_on_every_number_of_theta_g(sampler):
    before = digest_of(sampler)
    assert (before.shape, before.dtype) == ((16,), np.uint8)
    sampler.theta_g.vector[0] = np.nextafter(sampler.theta_g.vector[0], np.float32(9))
    assert not np.array_equal(before, digest_of(sampler))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theta_e", np.zeros(3, np.float32)),
        ("v", np.zeros(3, np.float32)),
        ("theta_e", float),
        ("theta_e", np.nan),
        ("theta_g_digest", np.zeros(3, np.uint8)),
        ("v", None),
        ("loss", np.array(2)),
        ("loss", np.zeros(2, np.int64)),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, sampler, name, value):
    path = tmp_path / "inference.npz"
    encoder_of_run(path, sampler, 1)
    arrays = checkpoint.load(path)
    if value is None:
        del arrays[name]
    elif value is float:
        arrays[name] = arrays[name].astype(float)
    elif isinstance(value, float):
        arrays[name][7] = value
    else:
        arrays[name] = value
    checkpoint.save(path, arrays)
    with pytest.raises(UserError, match=r"inference\.npz .*--retrain"):
        encoder_of_run(path, sampler, 1)


def test_a_file_that_is_no_archive_is_refused(tmp_path, sampler):
    path = tmp_path / "inference.npz"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(UserError, match=r"damaged or not a checkpoint.*--retrain"):
        encoder_of_run(path, sampler, 1)


def test_each_checkpoint_has_its_own_file(tmp_path):
    assert encoder_file(tmp_path) == tmp_path / "inference.npz"
    assert encoder_file(tmp_path, "best") == tmp_path / "inference-best.npz"
    assert encoder_file(Path("mnist")) == Path("mnist-inference.npz")


def test_a_GPU_gives_the_numbers_of_the_cpu(tmp_path, monkeypatch, sampler):
    cupy = standin.CuPy()
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    on_gpu = Experiment.begin(tiny.recipe(), 1, CuPyBackend(cupy)).sampler
    x, z = sampler.samples(sampler.noise(4, 0)), sampler.noise(4, 1)
    expected = encoder_of_run(tmp_path / "cpu.npz", sampler, 3)
    encoder_of_run(tmp_path / "gpu.npz", on_gpu, 2)
    found = encoder_of_run(tmp_path / "gpu.npz", on_gpu, 3)
    assert np.allclose(found.codes(x), expected.codes(x), rtol=1e-4, atol=1e-5)
    device = on_gpu.backend
    after = refined(on_gpu.G, on_gpu.theta_g, device.asarray(x), device.asarray(z), 3)
    assert isinstance(after, cupy.ndarray)
    on_cpu = refined(sampler.G, sampler.theta_g, x, z, 3)
    assert np.allclose(device.to_host(after), on_cpu, rtol=1e-3, atol=1e-4)
