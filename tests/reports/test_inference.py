"""What `infer` writes and measures, with values that are computed by hand or by NumPy alone."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image
from runs_of import train

from minigan.data import digits
from minigan.data.contrast import normalised
from minigan.errors import UserError
from minigan.reports import inference, inference_inputs
from minigan.training.inference.storage import encoder_of_run
from minigan.training.sampling import load_sampler


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    path = tmp_path_factory.mktemp("inference") / "run"
    train(path)
    sampler = load_sampler(path)
    return path, sampler, encoder_of_run(path / "inference.npz", sampler, 50)


def test_the_files_and_the_measures_agree_with_numpy(finished, tmp_path):
    path, sampler, encoder = finished
    inputs = inference_inputs.images_of_set(path, None, "test", 12)
    found = inference.infer(inputs, sampler, encoder, tmp_path, steps=4, interpolate=True)
    x, saved = inputs.images.all(), np.load(tmp_path / "z.npz")
    assert {file.name for file in tmp_path.iterdir()} == {
        "z.npz", "z.csv", "reconstructions.png", "interpolation.png", "measures.json"
    }  # fmt: skip
    e = encoder.codes(x)
    assert found.residual == pytest.approx(np.linalg.norm(x - sampler.samples(e), axis=1).mean())
    residual = np.linalg.norm(x - sampler.samples(saved["z"]), axis=1)
    assert saved["residual"] == pytest.approx(residual)
    assert found.refined == pytest.approx(residual.mean())
    assert found.refined < found.residual
    rows = list(csv.reader((tmp_path / "z.csv").read_text().splitlines()))
    assert rows[0] == ["image", "residual", "z0", "z1", "z2"]
    assert [row[0] for row in rows[1:]] == [str(i) for i in range(12)]
    table = np.array([[float(one) for one in row[1:]] for row in rows[1:]], np.float32)
    assert np.array_equal(table[:, 1:], saved["z"])
    assert json.loads((tmp_path / "measures.json").read_text()) == found.to_json()
    assert (found.count, found.updates, found.steps, found.neighbours) == (12, 50, 4, 1497)
    assert str(found).splitlines()[1] == "E: 50 updates on the loss images"
    assert len(str(found).splitlines()) == 9
    assert max(map(len, str(found).splitlines())) <= 80


def test_the_accuracy_is_that_of_the_nearest_label():
    x, train_rows = np.array([[0.0], [10.0], [4.0]]), np.array([[1.0], [9.0]])
    labels, train_labels = np.array([7, 8, 8]), np.array([7, 8])
    found = inference.neighbour_accuracy(x, labels, train_rows, train_labels)
    assert found == pytest.approx(2 / 3)


def test_all_accuracies_are_those_of_all_distances(finished, tmp_path):
    path, sampler, encoder = finished
    inputs = inference_inputs.images_of_set(path, None, "test", 100)
    found = inference.infer(inputs, sampler, encoder, tmp_path)
    x, known = inputs.images.all(), [digits.load(split) for split in ("train", "validation")]
    known_x = np.concatenate([images.all() for images in known])
    known_labels = np.concatenate([images.labels for images in known])

    def accuracy(rows, references):
        squares = np.square(rows[:, None].astype(float) - references).sum(axis=2)
        return (known_labels[squares.argmin(axis=1)] == inputs.images.labels).mean()

    assert found.by_pixels == accuracy(x, known_x)
    assert found.by_code == accuracy(encoder.codes(x), encoder.codes(known_x))
    assert found.by_features == accuracy(encoder.features(x), encoder.features(known_x))
    assert (found.refined, found.steps) == (None, 0)


@pytest.mark.parametrize("N", [2, 3, 50])
def test_another_image_is_never_the_image_itself(N):
    index = inference.another(N)
    assert sorted(index) == list(range(N))
    assert not (index == np.arange(N)).any()


def test_one_picture_of_another_size_has_no_pair(finished, tmp_path):
    path, sampler, encoder = finished
    pixels = np.arange(400, dtype=np.uint8).reshape(20, 20)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    notes = []
    inputs = inference_inputs.images_of_files(path, tmp_path / "a.png", notes.append)
    assert inputs.names == ("a.png",)
    assert inputs.description == f"picture of {tmp_path / 'a.png'}"
    assert "resized to 8 x 8" in notes[0]
    found = inference.infer(inputs, sampler, encoder, tmp_path)
    assert (found.others, found.ratio, found.by_code) == (None, None, None)
    assert json.loads((tmp_path / "measures.json").read_text())["ratio"] is None
    assert len(str(found).splitlines()) == 4


def test_pictures_for_a_run_on_normalised_images_are_normalised(tmp_path):
    path = tmp_path / "run"
    train(path, data__contrast=8.0, generator__output="linear")
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    inputs = inference_inputs.images_of_files(path, tmp_path / "a.png", lambda note: None)
    assert inputs.normalised
    assert np.array_equal(inputs.images.all(), normalised(pixels.reshape(1, -1), 8.0))
    sampler = load_sampler(path)
    encoder = encoder_of_run(path / "inference.npz", sampler, 2)
    inference.infer(inputs, sampler, encoder, tmp_path)
    assert (tmp_path / "reconstructions.png").exists()


def test_reconstructions_that_are_not_finite_are_refused(finished, tmp_path):
    path, sampler, encoder = finished
    inputs = inference_inputs.images_of_set(path, None, "test", 3)
    theta_e = encoder.player.theta.vector
    before = theta_e.copy()
    theta_e[:] = np.inf
    with np.errstate(all="ignore"), pytest.raises(UserError, match="not finite"):
        inference.infer(inputs, sampler, encoder, tmp_path)
    theta_e[:] = before
