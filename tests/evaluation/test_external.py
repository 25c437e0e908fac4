"""External samples: the accepted files, and the error messages for all others."""

from __future__ import annotations

import os
import pickle
import tracemalloc
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


@pytest.mark.parametrize("shape", [(5, 6), (5, 2, 3), (5, 2, 3, 1), (5, 1, 2, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_an_array_of_any_layout_is_read_as_rows(tmp_path: Path, shape: Any, dtype: Any) -> None:
    x = X.astype(dtype)
    np.save(tmp_path / "x.npy", x.reshape(shape))
    np.savez(tmp_path / "one.npz", anything=x.reshape(shape))
    np.savez_compressed(tmp_path / "two.NPZ", samples=x.reshape(shape), labels=np.zeros(5))
    for name in ("x.npy", "one.npz", "two.NPZ.npz"):
        found = external.read(tmp_path / name, SHAPE)
        np.testing.assert_array_equal(found, x)
        assert found.dtype == dtype


def test_a_npy_file_is_memory_mapped(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    assert isinstance(external.read(tmp_path / "x.npy", SHAPE), np.memmap)


def test_only_uint8_values_are_divided_by_255(tmp_path: Path) -> None:
    np.save(tmp_path / "b.npy", np.arange(12, dtype=np.uint8).reshape(2, 6) * 23)
    found = external.read(tmp_path / "b.npy", SHAPE)
    assert (len(found), found.shape) == (2, (2, 6))
    assert found[:1].dtype == np.float32
    np.testing.assert_allclose(found[:1], [[23 * i / 255 for i in range(6)]], rtol=1e-6)
    np.save(tmp_path / "i.npy", np.full((2, 6), 200, np.int64))
    assert external.read(tmp_path / "i.npy", SHAPE).max() == 200


def test_images_in_a_folder_have_the_size_of_the_data(tmp_path: Path) -> None:
    for i in range(10):
        Image.fromarray(np.full((2, 3), 20 * i, np.uint8)).save(tmp_path / f"{i}.png")
    notes: list[str] = []
    found = external.read(tmp_path, SHAPE, notes.append)
    assert (found.shape, notes) == ((10, 6), [])
    levels = sorted(float(row.mean()) for row in found[:10])
    np.testing.assert_allclose(levels, [20 * i / 255 for i in range(10)], rtol=1e-6)
    (tmp_path / "a.heic").touch()
    Image.new("RGB", (3, 2), "red").save(tmp_path / "b.png")
    external.read(tmp_path, SHAPE, notes.append)
    assert "1 file (1 .heic)" in notes[0]
    assert "1 was converted from colour to grey" in notes[1]
    Image.new("L", (6, 4)).save(tmp_path / "c.png")
    assert f"{tmp_path / 'c.png'} has 4 x 6 pixels" in error_for(tmp_path)


def error_for(path: Path) -> str:
    with pytest.raises(UserError) as error:
        external.read(path, SHAPE)
    return str(error.value)


def test_a_file_without_valid_samples_raises_an_error_with_the_reason(tmp_path: Path) -> None:
    def saved(name: str, array: Any) -> Path:
        np.save(tmp_path / name, array)
        return tmp_path / name

    assert "No such file" in error_for(tmp_path / "absent.npy")
    assert "must be a .npy or .npz file, or a folder" in error_for(tmp_path / "x.csv")
    assert (
        "contains an array of shape (6,), but samples must have shape (N, 6) or (N, 2, 3, 1)"
    ) in error_for(saved("1.npy", X[0]))
    assert "(5, 3)" in error_for(saved("2.npy", X[:, :3]))
    for shape in ((5, 3, 2), (5, 6, 1), (5, 3, 2, 1), (5, 1, 6)):  # as many numbers
        assert f"of shape {shape}" in error_for(saved("2.npy", X.reshape(shape)))
    assert "with N >= 1" in error_for(saved("3.npy", X[:0]))
    assert "they must be real numbers" in error_for(saved("4.npy", X.astype(str)))
    assert "they must be real numbers" in error_for(saved("5.npy", X.astype(complex)))
    whole = saved("6.npy", X).read_bytes()
    for name, content in (
        ("7.npy", whole[:-9]),
        ("8.npy", b""),
        ("9.npz", whole),
        ("a.npz", b"PK"),
    ):
        (tmp_path / name).write_bytes(content)
        message = f"cannot read the samples in {tmp_path / name}"
        assert error_for(tmp_path / name).startswith(message)
    assert error_for(tmp_path / "8.npy").endswith(": it is not a .npy file")
    np.savez(tmp_path / "b.npz", x=X, y=X)
    assert (
        "contains x, y: it must contain exactly one array, or an array named `samples`"
    ) in error_for(tmp_path / "b.npz")


def test_files_of_other_formats_with_these_suffixes_raise_an_error(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "zip.npy", "w") as archive:
        archive.writestr("x.npy", b"")
    with zipfile.ZipFile(tmp_path / "text.npz", "w") as archive:
        archive.writestr("samples", b"not an array")
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({10**30}, 6), }}"
    huge = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    (tmp_path / "huge.npy").write_bytes(huge)
    os.mkfifo(tmp_path / "pipe.npy")
    for name in ("zip.npy", "text.npz", "huge.npy"):
        assert "cannot read the samples" in error_for(tmp_path / name)
    assert "it is a named pipe, not a regular file" in error_for(tmp_path / "pipe.npy")


class FailsWhenUnpickled:
    def __reduce__(self) -> Any:
        return pytest.fail, ("a pickle was loaded",)


def test_no_pickle_is_loaded(tmp_path: Path) -> None:
    objects = np.array([FailsWhenUnpickled()], dtype=object)
    np.save(tmp_path / "e.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "e.npz", samples=objects)
    (tmp_path / "raw.npy").write_bytes(pickle.dumps(FailsWhenUnpickled()))
    for name in ("e.npy", "e.npz", "raw.npy"):
        assert "cannot read" in error_for(tmp_path / name)


def test_arrays_that_are_not_used_are_noted(tmp_path: Path) -> None:
    notes: list[str] = []
    np.savez(tmp_path / "x.npz", samples=X, labels=np.zeros(5), more=X)
    external.read(tmp_path / "x.npz", SHAPE, notes.append)
    assert notes == [f"not used in {tmp_path / 'x.npz'}: 2 other arrays"]


def test_colour_samples_with_the_channels_first_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((5, 3, 2, 4), np.uint8))
    with pytest.raises(UserError, match=r"of shape \(5, 3, 2, 4\), but samples must have shape"):
        external.read(tmp_path / "x.npy", (2, 4, 3))


def test_an_array_is_not_loaded_where_its_size_is_not_that_of_its_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "large.npz", samples=np.zeros((10**6, 6), np.uint8))
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({10**9}, 6), }}"
    lie = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    with zipfile.ZipFile(tmp_path / "lie.npz", "w") as archive:
        archive.writestr("samples.npy", lie)
    assert "the header of the array does not match its size" in error_for(tmp_path / "lie.npz")
    monkeypatch.setattr(external, "LARGEST", 10**6)
    tracemalloc.start()
    sentence = error_for(tmp_path / "large.npz")
    assert tracemalloc.get_traced_memory()[1] < 10**6
    tracemalloc.stop()
    assert "needs 6,000,000 bytes, more than 1,000,000: save it as a .npy file" in sentence
