"""E is saved with the digest of its theta_g, read with care, and continued after an interrupt."""

from __future__ import annotations

import signal
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
from minigan.training.inference.encoder import build_E
from minigan.training.inference.storage import (
    digest_of,
    encoder_file,
    encoder_of_run,
    load_encoder,
    save_encoder,
    shipped_encoder,
)
from minigan.training.runs import checkpoint, pretrained
from minigan.training.sampling import load_sampler


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


@pytest.mark.parametrize("retrain", [False, True])
def test_an_interrupt_saves_all_updates_and_the_training_continues_bit_for_bit(
    tmp_path, sampler, monkeypatch, retrain
):
    def interrupt(sampler):
        draw = draw_of(sampler)

        def draw_after_signals(t):
            if t == 6:
                signal.raise_signal(signal.SIGTERM)
            return draw(t)

        return draw_after_signals

    whole, parts = tmp_path / "whole.npz", tmp_path / "parts.npz"
    encoder_of_run(whole, sampler, 10)
    draw_of = storage.draw_of
    with monkeypatch.context() as patch:
        patch.setattr(storage, "draw_of", interrupt)
        with pytest.raises(KeyboardInterrupt) as caught:
            encoder_of_run(parts, sampler, 10, retrain)
    how = "the same command without --retrain" if retrain else "the same command"
    assert str(caught.value) == f"E has 7 updates in {parts}, and {how} continues"
    assert checkpoint.load(parts)["iteration"] == 7
    encoder_of_run(parts, sampler, 10)
    assert whole.read_bytes() == parts.read_bytes()


def test_a_killed_training_continues_from_the_last_save(tmp_path, sampler, monkeypatch):
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


def test_a_shipped_E_is_used_until_more_updates_or_another_loss_are_asked_for(tmp_path, sampler):
    trained = encoder_of_run(tmp_path / "first.npz", sampler, 3)
    save_encoder(tmp_path / "inference.npz", trained, sampler)
    arrays = checkpoint.load(tmp_path / "inference.npz")
    del arrays["v"]
    arrays["theta_e"] = arrays["theta_e"].astype(np.float16)
    checkpoint.save(tmp_path / "inference.npz", arrays)
    path, x = tmp_path / "own.npz", sampler.samples(sampler.noise(5, 0))

    def E(updates, **options):
        return encoder_of_run(path, sampler, updates, shipped=tmp_path / "inference.npz", **options)

    notes = []
    shipped = E(3, note=notes.append)
    assert not path.exists()
    assert notes == []
    assert 0 < np.abs(shipped.codes(x) - trained.codes(x)).max() < 1e-2
    assert E(2, loss="z", note=notes.append).loss == "z"
    path.unlink()
    E(4, note=notes.append)
    sentence = f"the shipped E cannot be continued: a new E is trained and saved in {path}"
    assert notes == [sentence, sentence]
    path.unlink()
    assert np.array_equal(
        E(4).player.theta.vector, encoder_of_run(tmp_path / "w.npz", sampler, 4).player.theta.vector
    )
    assert E(3).player.updates == 4
    path.unlink()
    assert E(1, retrain=True).player.updates == 1


def test_the_E_of_the_package_is_found_and_belongs_to_its_G():
    file = shipped_encoder(Path("mnist"))
    assert file == pretrained.MODELS / "mnist" / "inference.npz"
    found = load_encoder(file, build_E(784, 100), load_sampler(Path("mnist")))
    assert (found.loss, found.player.updates) == ("images", 3000)
    assert shipped_encoder(Path("mnist-conditional")) is None


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
    with pytest.raises(UserError) as caught:
        encoder_of_run(path, sampler, 1)
    assert str(caught.value) == f"{path} is not a trained E: train it again with --retrain"
    assert encoder_of_run(path, sampler, 1, retrain=True).player.updates == 1


@pytest.mark.parametrize("retrain", [False, True])
def test_a_folder_in_the_place_of_E_is_refused_before_the_training(tmp_path, sampler, retrain):
    path = tmp_path / "inference.npz"
    path.mkdir()
    with pytest.raises(UserError, match=r"inference\.npz is a folder, .*: rename it"):
        encoder_of_run(path, sampler, 1, retrain)


def test_a_file_that_cannot_be_opened_is_not_called_damaged(tmp_path, sampler, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    path = tmp_path / "inference.npz"
    encoder_of_run(path, sampler, 1)
    monkeypatch.setattr(checkpoint, "open_regular", refuse)
    with pytest.raises(UserError, match=r"cannot be read: Permission denied"):
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
