"""A file is complete or does not exist, and data are appended completely or not at all."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import numpy as np
import pytest

from minigan.system import files


def test_a_file_exists_only_when_it_is_complete(tmp_path):
    path = tmp_path / "a"
    with files.replacing(path) as file:
        file.write(b"one ")
        assert not path.exists()
        file.write(b"two")
    assert path.read_bytes() == b"one two"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyboardInterrupt(), OSError(5, "Input/output")]
)
def test_a_block_that_raises_leaves_the_previous_file(tmp_path, error):
    path = tmp_path / "a"
    files.write_atomically(path, b"old")

    def block():
        with files.replacing(path) as file:
            file.write(b"new")
            raise error

    with pytest.raises(type(error)) as caught:
        block()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    if isinstance(error, OSError):
        assert (caught.value.errno, caught.value.filename) == (5, str(path))


def test_two_writers_of_one_file_do_not_interfere(tmp_path):
    path = tmp_path / "a"
    with files.replacing(path) as one, files.replacing(path) as other:
        one.write(b"one")
        other.write(b"other")
    assert path.read_bytes() == b"one"  # it ended last
    assert list(tmp_path.iterdir()) == [path]


def test_data_are_appended_in_order(tmp_path):
    for data in (b"a", b"", b"bc"):
        files.append_whole(tmp_path / "a", data)
    assert (tmp_path / "a").read_bytes() == b"abc"


@pytest.mark.parametrize("room", [0, 1, 4])
def test_data_that_do_not_fit_on_the_disk_are_not_appended_in_part(tmp_path, room):
    path = tmp_path / "a"
    files.append_whole(path, b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3 + room, hard))
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            files.append_whole(path, b"longer")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(path))
    assert path.read_bytes() == b"old"


def test_the_content_is_flushed_before_the_rename(tmp_path, monkeypatch):
    order = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *a, name=name, real=real: (order.append(name), real(*a))[1]
        )
    files.write_atomically(tmp_path / "a", b"x")
    assert order == ["fsync", "replace", "fsync"]  # the file, its new name, the folder


def test_only_temporary_files_are_cleared(tmp_path):
    (tmp_path / "below").mkdir()
    for name in (".0123456789abcdef.part", "below/.fedcba9876543210.part", ".mine.part", "x.part"):
        (tmp_path / name).write_bytes(b"x")
    files.clear(tmp_path)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [".mine.part", "x.part"]


def test_a_rewritten_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "a"
    for mode in (0o600, 0o644, 0o440):
        path.write_bytes(b"old")
        path.chmod(mode)
        files.write_atomically(path, b"new")
        assert path.read_bytes() == b"new"
        assert path.stat().st_mode & 0o7777 == mode
        path.unlink()


@pytest.mark.parametrize("error", [None, PermissionError(1, "Operation not permitted")])
def test_the_owner_is_kept_where_that_is_allowed(tmp_path, monkeypatch, error):
    given, path = [], tmp_path / "a"
    path.write_bytes(b"old")
    old = os.stat(path)
    other = os.stat_result((old.st_mode, 1, 1, 1, 1234, 5678, 3, 0, 0, 0))
    stat = os.stat
    monkeypatch.setattr(os, "stat", lambda p, **o: other if p == path else stat(p, **o))

    def fchown(handle, user, group):
        given.append((user, group))
        if error:
            raise error

    monkeypatch.setattr(os, "fchown", fchown)
    files.write_atomically(path, b"new")
    assert given == [(1234, 5678)]
    assert path.read_bytes() == b"new"


def test_a_link_is_kept_and_its_target_is_replaced(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "broken").symlink_to("new")
    files.write_atomically(tmp_path / "link", b"1")
    files.write_atomically(tmp_path / "broken", b"2")
    assert (tmp_path / "target").read_bytes() == b"1"
    assert (tmp_path / "new").read_bytes() == b"2"
    assert os.readlink(tmp_path / "link") == "target"


def test_a_folder_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(IsADirectoryError), files.replacing(tmp_path):
        raise AssertionError


def test_numpy_reports_a_full_disk_with_the_reason(tmp_path):
    path, array = tmp_path / "a.npy", np.zeros(10_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(OSError, match="File too large") as caught, files.replacing(path) as f:
            np.lib.format.write_array(f, array)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(path))
    assert list(tmp_path.iterdir()) == []
    with files.replacing(path) as f:
        np.lib.format.write_array(f, array)
    np.testing.assert_array_equal(np.load(path), array)


def test_the_error_of_another_file_keeps_its_name(tmp_path):
    with pytest.raises(FileNotFoundError) as caught, files.replacing(tmp_path / "a"):
        (tmp_path / "input").read_bytes()
    assert caught.value.filename == str(tmp_path / "input")


def test_a_folder_exists_only_when_it_is_complete(tmp_path):
    path = tmp_path / "new" / "folder"
    with files.new_folder(path) as folder:
        files.write_atomically(folder / "a", b"x")
        assert not path.exists()
    assert [p.name for p in path.iterdir()] == ["a"]
    with pytest.raises(FileExistsError), files.new_folder(path):
        raise AssertionError


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), OSError(5, "Input")])
def test_a_folder_whose_block_raises_does_not_exist(tmp_path, error):
    def block():
        with files.new_folder(tmp_path / "folder") as folder:
            (folder / "a").write_bytes(b"x")
            raise error

    with pytest.raises(type(error)) as caught:
        block()
    assert list(tmp_path.iterdir()) == []
    if isinstance(error, OSError):
        assert caught.value.filename == str(tmp_path / "folder")


def test_an_error_in_a_new_folder_names_the_file_that_the_user_knows(tmp_path):
    with (
        pytest.raises(FileNotFoundError) as caught,
        files.new_folder(tmp_path / "folder") as folder,
    ):
        (folder / "a" / "b").write_bytes(b"x")
    assert caught.value.filename == str(tmp_path / "folder" / "a" / "b")


def test_a_folder_without_room_for_a_file_is_known_before_the_work(tmp_path):
    (tmp_path / "old").write_text("old")
    files.require_writable(tmp_path / "old")
    files.require_writable(tmp_path / "new")
    files.require_writable(Path("/dev/null"))
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    with pytest.raises(FileNotFoundError) as error:
        files.require_writable(tmp_path / "missing" / "new")
    assert error.value.filename == str(tmp_path / "missing" / "new")


def test_clearing_follows_no_link_and_removes_no_folder(tmp_path):
    name = ".0123456789abcdef.part"
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / name).write_bytes(b"x")
    (tmp_path / "run" / name).mkdir(parents=True)
    (tmp_path / "run" / "link").symlink_to("../outside")
    files.clear(tmp_path / "run")
    assert (tmp_path / "outside" / name).exists()
    assert (tmp_path / "run" / name).is_dir()
