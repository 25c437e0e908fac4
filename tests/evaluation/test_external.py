"""Samples of anybody's model: which files are read, and what the others are told."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from minigan.errors import UserError
from minigan.evaluation import external

SHAPE = (2, 3, 1)
X = np.random.default_rng(0).random((5, 6)).astype(np.float32)


@pytest.mark.parametrize("shape", [(5, 6), (5, 2, 3), (5, 2, 3, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_an_array_of_any_layout_is_rows_of_pixels(tmp_path: Path, shape: Any, dtype: Any) -> None:
    x = X.astype(dtype)
    np.save(tmp_path / "x.npy", x.reshape(shape))
    np.savez(tmp_path / "one.npz", anything=x.reshape(shape))
    np.savez_compressed(tmp_path / "two.NPZ", samples=x.reshape(shape), labels=np.zeros(5))
    for name in ("x.npy", "one.npz", "two.NPZ.npz"):
        found = external.read(tmp_path / name, SHAPE)
        np.testing.assert_array_equal(found, x)
        assert found.dtype == dtype


def test_a_npy_file_stays_on_the_disk(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    assert isinstance(external.read(tmp_path / "x.npy", SHAPE), np.memmap)


def test_bytes_are_divided_by_255_and_nothing_else_is(tmp_path: Path) -> None:
    np.save(tmp_path / "b.npy", np.arange(12, dtype=np.uint8).reshape(2, 6) * 23)
    found = external.read(tmp_path / "b.npy", SHAPE)
    assert (len(found), found.shape) == (2, (2, 6))
    assert found[:1].dtype == np.float32
    np.testing.assert_allclose(found[:1], [[23 * i / 255 for i in range(6)]], rtol=1e-6)
    np.save(tmp_path / "i.npy", np.full((2, 6), 200, np.int64))
    assert external.read(tmp_path / "i.npy", SHAPE).max() == 200


def test_a_folder_of_pictures_is_brought_to_the_size_of_the_data(tmp_path: Path) -> None:
    for i in range(10):
        Image.fromarray(np.full((4, 6), 20 * i, np.uint8)).save(tmp_path / f"{i}.png")
    found = external.read(tmp_path, SHAPE)
    assert found.shape == (10, 6)
    levels = sorted(float(row.mean()) for row in found[:10])
    np.testing.assert_allclose(levels, [20 * i / 255 for i in range(10)], rtol=1e-6)


def refused(path: Path) -> str:
    with pytest.raises(UserError) as error:
        external.read(path, SHAPE)
    return str(error.value)


def test_what_is_no_array_of_samples_is_refused_with_its_reason(tmp_path: Path) -> None:
    def saved(name: str, array: Any) -> Path:
        np.save(tmp_path / name, array)
        return tmp_path / name

    assert "No such file" in refused(tmp_path / "absent.npy")
    assert "must be a .npy or .npz file, or a folder" in refused(tmp_path / "x.csv")
    assert "holds an array (6,), but samples must be (N, 6)" in refused(saved("1.npy", X[0]))
    assert "(5, 3)" in refused(saved("2.npy", X[:, :3]))
    assert "N at least 1" in refused(saved("3.npy", X[:0]))
    assert "they must be numbers" in refused(saved("4.npy", X.astype(str)))
    assert "they must be numbers" in refused(saved("5.npy", X.astype(complex)))
    whole = saved("6.npy", X).read_bytes()
    for name, content in (
        ("7.npy", whole[:-9]),
        ("8.npy", b""),
        ("9.npz", whole),
        ("a.npz", b"PK"),
    ):
        (tmp_path / name).write_bytes(content)
        assert refused(tmp_path / name).startswith(f"cannot read the samples in {tmp_path / name}")
    np.savez(tmp_path / "b.npz", x=X, y=X)
    assert "holds x, y: it needs one array, or `samples`" in refused(tmp_path / "b.npz")


def test_files_of_other_kinds_under_these_names_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "zip.npy", "w") as archive:
        archive.writestr("x.npy", b"")
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as archive:
        archive.writestr("samples", b"no array")
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({10**30}, 6), }}"
    claim = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    (tmp_path / "claim.npy").write_bytes(claim)
    os.mkfifo(tmp_path / "pipe.npy")
    for name in ("zip.npy", "text.npz", "claim.npy"):
        assert "cannot read the samples" in refused(tmp_path / name)
    assert "must be a file, or a folder" in refused(tmp_path / "pipe.npy")


class Planted:
    def __reduce__(self) -> Any:
        return pytest.fail, ("a pickle was loaded",)


def test_no_pickle_is_loaded(tmp_path: Path) -> None:
    evil = np.array([Planted()], dtype=object)
    np.save(tmp_path / "e.npy", evil, allow_pickle=True)
    np.savez(tmp_path / "e.npz", samples=evil)
    (tmp_path / "raw.npy").write_bytes(pickle.dumps(Planted()))
    for name in ("e.npy", "e.npz", "raw.npy"):
        assert "cannot read" in refused(tmp_path / name)
