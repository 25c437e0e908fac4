"""A file is complete or does not exist, and data are appended completely or not at all."""

from __future__ import annotations

import errno
import os
import resource

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


def test_a_regular_file_is_read_up_to_the_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert files.read_whole(path, 5) == b"12345"
    with pytest.raises(OSError, match="it is larger than 4 bytes"):
        files.read_whole(path, 4)


def test_a_path_that_is_no_regular_file_raises(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        with pytest.raises(OSError, match="it is not a regular file"):
            files.read_whole(tmp_path / name, 100)
    with pytest.raises(IsADirectoryError):
        files.read_whole(tmp_path, 100)


def test_a_lock_is_held_for_the_block_and_for_one_folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with (
        files.locked(tmp_path / "a") as first,
        files.locked(tmp_path / "a") as second,
        files.locked(tmp_path / "b") as other,
    ):
        assert (first, second, other) == (True, False, True)
    with files.locked(tmp_path / "a") as again:
        assert again


def test_only_temporary_files_are_cleared(tmp_path):
    (tmp_path / "below").mkdir()
    for name in (".0123456789abcdef.part", "below/.fedcba9876543210.part", ".mine.part", "x.part"):
        (tmp_path / name).write_bytes(b"x")
    files.clear(tmp_path)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [".mine.part", "x.part"]
