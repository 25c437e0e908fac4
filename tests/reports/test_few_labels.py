"""Few labels for a run: only given labels are read, and the table has the numbers of the fits."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
import tiny
from runs_of import train
from softgpu import standin

from minigan.backends.cupy import CuPyBackend
from minigan.data import digits, points, sets
from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.evaluation import few_labels as protocol
from minigan.evaluation.few_labels import head_error
from minigan.reports import few_labels
from minigan.reports.few_labels import FewLabels, counts_of, mean_and_error, subsets_of
from minigan.training.inference.storage import encoder_of_run
from minigan.training.sampling import load_sampler

DATA = sets.load("digits")
TRAIN, TEST = digits.load("train"), digits.load("test")
LABELS = TRAIN.labels


@pytest.fixture(autouse=True)
def two_decays(monkeypatch):
    """Fewer fits."""
    monkeypatch.setattr(protocol, "DECAYS", (1e-1, 1e-3))


@pytest.fixture
def run(tmp_path):
    train(tmp_path / "run")
    return tmp_path / "run"


def data_with(labels):
    """The digits with other labels of the training images."""
    return replace(DATA, train=replace(TRAIN, labels=labels))


def test_labels_that_were_not_given_change_no_bit(run):
    given = subsets_of(DATA, (20, 30))[:1]
    features = few_labels.features_of_run(run)
    found = few_labels.few_labels(DATA, features, (20, 30), given)
    rng, labels, other = np.random.default_rng(0), LABELS.copy(), np.ones(len(LABELS), bool)
    other[given[0]] = False
    labels[other] = rng.permutation(labels[other])
    assert (labels != LABELS).mean() > 0.8
    validation = digits.load("validation")
    validation = replace(validation, labels=rng.permutation(validation.labels))
    changed = replace(data_with(labels), validation=validation)
    assert few_labels.few_labels(changed, features, (20, 30), given) == found
    labels[given[0][0, 0]] = (labels[given[0][0, 0]] + 1) % 10
    assert few_labels.few_labels(data_with(labels), features, (20, 30), given) != found


def test_the_errors_are_those_of_the_head_on_the_rows(run):
    given = subsets_of(DATA, (20,))[:2]
    found = few_labels.few_labels(DATA, few_labels.features_of_run(run, 2), (20,), given, 2)
    assert found.features == {"pixels": 64, "untrained D": 3, "D": 3}
    assert (found.images, found.count) == ("test images of digits", 300)
    assert (found.labels, found.subsets, found.layer) == ((20,), 2, 2)
    for s, indices in enumerate(given):
        x = TRAIN.pixels[indices] / np.float32(16)
        test = TEST.pixels / np.float32(16)
        error, decay = head_error(x, np.arange(10), test, TEST.labels)
        assert found.errors["pixels"][0][s] == pytest.approx(error, abs=0.01)
        assert found.decays["pixels"][0][s] == decay
    assert found.errors["D"] != found.errors["untrained D"]


def test_the_images_of_validation_can_be_classified():
    given, rows = subsets_of(DATA, (20,))[:1], {"pixels": lambda x: x}
    found = few_labels.few_labels(DATA, rows, (20,), given, split="validation")
    x, validation = TRAIN.pixels[given[0]] / np.float32(16), digits.load("validation")
    error, _ = head_error(x, np.arange(10), validation.all(), validation.labels)
    assert found.images == "validation images of digits"
    assert found.errors["pixels"] == [[pytest.approx(error, abs=0.01)]]


def test_the_untrained_D_is_that_of_the_run_before_training(run):
    before = tiny.experiment().game
    rows = few_labels.features_of_run(run)
    x = DATA.test.all()[:4]
    W, b = (before.player_d.theta[f"linear1.{name}"] for name in "Wb")
    expected = (x @ W + b).reshape(4, 2, 4).max(axis=1)
    assert np.allclose(rows["untrained D"](x), expected, rtol=1e-5, atol=1e-6)
    assert not np.allclose(rows["D"](x), expected, rtol=1e-3)


def test_E_is_a_column_if_the_run_has_it(run):
    notes = []
    sampler = load_sampler(run)
    encoder = encoder_of_run(run / "inference.npz", sampler, 1)
    rows = few_labels.features_of_run(run, note=notes.append)
    x = DATA.test.all()[:4]
    assert np.array_equal(rows["E"](x), encoder.features(x))
    (run / "inference.npz").write_bytes(b"x")
    assert [*few_labels.features_of_run(run, note=notes.append)] == ["pixels", "untrained D", "D"]
    assert notes[0].startswith(f"E is left out: {run / 'inference.npz'} is not a trained E")


def test_the_table_has_the_means_and_the_errors_in_80_columns():
    errors = {"pixels": [[0.3, 0.5]], "untrained D": [[1, 1]], "D": [[0.2, 0.2]], "E": [[0, 1]]}
    found = FewLabels(
        "test images of x", 10_000, 1, dict.fromkeys(errors, 10_000), (3000,), errors, errors
    )
    lines = str(found).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[4].split() == ["labels", "pixels", "untrained", "D", "D", "E", "pixels", "-", "D"]
    cells = ["40.00 ± 10.00", "100.00 ± 0.00", "20.00 ± 0.00", "50.00 ± 50.00", "20.00 ± 10.00"]
    assert lines[5] == "  3,000" + "".join(cell.rjust(14) for cell in cells)
    assert mean_and_error([1.0, 2.0, 3.0]) == (2.0, pytest.approx(1 / np.sqrt(3)))


def test_the_numbers_of_labels_fit_the_classes():
    assert counts_of(DATA) == (20, 50, 100, 200, 500, 1000)
    assert counts_of(DATA, (100, 20, 100)) == (20, 100)
    assert counts_of(data_with(LABELS % 2)) == (4, 10, 20, 40, 100, 200, 600)
    for wanted, message in (
        ((25,), "25 labels cannot be balanced: give a multiple of the 10 classes, at least 20"),
        ((10,), "10 labels cannot be balanced"),
        ((1180,), "1,180 labels are too many: .* 117 training images, enough for 1,170 labels"),
    ):
        with pytest.raises(UserError, match=message):
            counts_of(DATA, wanted)
    with pytest.raises(UserError, match="digits have no labels"):
        counts_of(data_with(np.zeros(1197, int)))
    with pytest.raises(UserError, match="class 1 of digits has one training image"):
        counts_of(data_with((np.arange(1197) == 5).astype(int)))
    with pytest.raises(UserError, match="ring contains points"):
        counts_of(DataSet("ring", *points.load("ring")))


def test_the_table_of_given_images_has_every_label():
    given = subsets_of(DATA, (20,), seed=3)
    assert len(given) == 10
    lines = few_labels.csv_of(DATA, given).decode().splitlines()
    assert lines[0] == "subset,position,image,label"
    rows = np.array([line.split(",") for line in lines[1:]], int)
    assert rows.shape == (200, 4)
    assert np.array_equal(LABELS[rows[:, 2]], rows[:, 3])
    assert rows[23].tolist() == [1, 0, given[1][3, 0], 3]


def test_features_that_are_not_finite_are_refused():
    rows = {"pixels": lambda x: np.full_like(x, np.inf)}
    with pytest.raises(UserError, match="the features of pixels are not finite"):
        few_labels.few_labels(DATA, rows, (20,), subsets_of(DATA, (20,)))


def test_a_GPU_gives_the_rows_of_the_cpu(run, monkeypatch):
    cupy = standin.CuPy()
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    x = DATA.test.all()[:4]
    for layer in (1, 2):
        on_cpu = few_labels.features_of_run(run, layer)
        with monkeypatch.context() as patched:
            patched.setattr(few_labels, "open_backend", lambda device: CuPyBackend(cupy))
            on_gpu = few_labels.features_of_run(run, layer)
        for name, rows in on_cpu.items():
            found = on_gpu[name](x)
            assert type(found) is np.ndarray
            assert np.allclose(found, rows(x), rtol=1e-4, atol=1e-6), name
