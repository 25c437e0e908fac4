"""The Toronto Face Database: its file is read and checked, and synthetic faces have its format."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from minigan.data import sets, tfd
from minigan.data.tfd import NAME, TEST, TRAINING, VALIDATION
from minigan.errors import UserError

N = 9


def arrays(**changes: Any) -> dict[str, Any]:
    """The arrays of a small database: three unlabelled images, then two of each part."""
    images = np.arange(N * 48 * 48, dtype=np.uint32).reshape(N, 48, 48) % 256
    folds = np.repeat(np.array([0, 0, 0, 1, 1, 2, 2, 3, 3])[:, None], 5, axis=1)
    labels = np.array([-1, -1, -1, 1, 7, 3, 4, 5, 6])[:, None]
    whole = {"images": images.astype(np.uint8), "folds": folds, "labs_ex": labels}
    return {name: array for name, array in (whole | changes).items() if array is not None}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    savemat(tmp_path / NAME, arrays())
    return tmp_path / NAME


def test_the_paper_trains_on_unlabelled_images_and_scores_parts_of_folds(file: Path) -> None:
    train, validation, test = tfd.load(file.parent)
    np.testing.assert_array_equal(train.pixels, arrays()["images"][:3].reshape(3, -1))
    assert (train.shape, train.white, train.classes) == ((48, 48, 1), 255, ())
    np.testing.assert_array_equal(validation.pixels, arrays()["images"][5:7].reshape(2, -1))
    assert (validation.labels.tolist(), test.labels.tolist()) == ([2, 3], [4, 5])
    assert validation.classes[3] == "happiness"


def test_each_fold_has_its_own_parts(tmp_path: Path) -> None:
    folds = arrays()["folds"].copy()
    folds[3:, 4] = [3, 3, 1, 1, 2, 2]
    savemat(tmp_path / NAME, arrays(folds=folds, images=arrays()["images"].astype(np.float64)))
    found = tfd.database(tmp_path)
    assert found.part(4, TEST).labels.tolist() == [0, 6]
    assert found.part(4, TRAINING).labels.tolist() == [2, 3]
    assert found.part(0, TRAINING).labels.tolist() == [0, 6]
    assert found.pixels.dtype == np.uint8


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"folds": None}, r"has no array folds \(N, 5\): it is not the 48 x 48 TFD"),
        ({"images": np.zeros((N, 96, 96))}, r"images in .* has the shape \(9, 96, 96\)"),
        ({"labs_ex": np.zeros((N, 2))}, r"labs_ex in .* has the shape \(9, 2\)"),
        ({"images": np.full((N, 48, 48), 0.5)}, "images in .* must be whole numbers from 0 to 255"),
        ({"images": np.full((N, 48, 48), np.nan)}, "images in .* must be whole numbers"),
        ({"images": np.full((N, 48, 48), 256)}, "images in .* must be whole numbers from 0 to 255"),
        ({"folds": np.full((N, 5), 4)}, "folds in .* must be whole numbers from 0 to 3"),
        ({"labs_ex": np.full((N, 1), 8)}, "labs_ex in .* must be whole numbers from -1 to 7"),
        ({"labs_ex": np.full((N, 1), -1)}, "has images without an expression in fold 1"),
        (
            {"folds": np.full((N, 5), 1), "labs_ex": np.ones((N, 1))},
            "no images of part 2 in fold 1",
        ),
    ],
)
def test_other_content_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    savemat(tmp_path / NAME, arrays(**changes))
    with pytest.raises(UserError, match=sentence):
        tfd.load(tmp_path)


def test_a_database_without_unlabelled_images_is_refused(tmp_path: Path) -> None:
    some = {name: array[3:] for name, array in arrays().items()}
    savemat(tmp_path / NAME, some)
    with pytest.raises(UserError, match="has no unlabelled images"):
        tfd.load(tmp_path)


def test_a_damaged_file_and_other_files_are_refused(file: Path) -> None:
    whole = file.read_bytes()
    for content in (whole[:1000], b"", b"text", whole[:-5000]):
        file.write_bytes(content)
        with pytest.raises(UserError, match=rf"^{file} "):
            tfd.load(file.parent)
    file.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + bytes(400))
    with pytest.raises(UserError, match=r"is in the format of MATLAB 7\.3: save it again with"):
        tfd.load(file.parent)


def test_a_missing_file_is_reported_with_the_command_that_draws_faces(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"tfd was not found .*minigan data faces") as error:
        sets.load("tfd", tmp_path)
    assert f"{tmp_path / 'tfd' / NAME}, {tmp_path / NAME}" in str(error.value)


def test_scipy_is_named_where_it_is_missing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.io", None)
    with pytest.raises(UserError, match=r"the data set tfd needs SciPy: .* install"):
        tfd.load(file.parent)


def test_synthetic_faces_have_the_format_and_disjoint_people(tmp_path: Path) -> None:
    tfd.write(tmp_path / NAME, unlabelled=4, labelled=400)
    found = loadmat(tmp_path / NAME)
    assert found["images"].dtype == np.uint8
    assert (found["folds"][:4] == 0).all()
    assert found["labs_ex"][:4].max() == -1
    people, folds = found["labs_id"][4:, 0], found["folds"][4:]
    tests = np.zeros(400, int)
    for fold in range(5):
        parts = [set(people[folds[:, fold] == part]) for part in (TRAINING, VALIDATION, TEST)]
        assert not any(a & b for a, b in itertools.combinations(parts, 2))
        shares = [np.mean(folds[:, fold] == part) for part in (TRAINING, VALIDATION, TEST)]
        np.testing.assert_allclose(shares, [0.7, 0.1, 0.2], atol=0.08)
        tests += folds[:, fold] == TEST
    assert (tests == 1).all()  # each labelled image is a test image once
    train, validation, _ = tfd.load(tmp_path)
    assert (len(train), train.pixels.min(), train.pixels.max()) == (4, 0, 255)
    np.testing.assert_array_equal(
        validation.labels, found["labs_ex"][found["folds"][:, 0] == VALIDATION, 0] - 1
    )
