"""A held folder is locked for other processes, and is found again after it was moved."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil

import pytest

from minigan.errors import UserError
from minigan.system.holding import HeldFolder, held, held_alone


def test_a_lock_is_held_for_the_block_and_for_one_folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with held(tmp_path / "a") as first, held(tmp_path / "a") as second, held(tmp_path / "b") as b:
        assert first is not None
        assert second is None
        assert b is not None
    with held(tmp_path / "a") as again:
        assert again is not None
        assert again.unlocked is None


def test_a_folder_for_one_process_alone_is_made_and_refused_to_others(tmp_path):
    with held_alone(tmp_path / "new" / "folder"):
        assert (tmp_path / "new" / "folder").is_dir()
        with (
            pytest.raises(UserError, match=r"another process is making runs in .*folder: wait"),
            held_alone(tmp_path / "new" / "folder"),
        ):
            pass
    with held_alone(tmp_path / "new" / "folder"):
        (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file is not a folder"), held_alone(tmp_path / "file"):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EBADF, errno.ENOSYS])
def test_without_locks_the_folder_is_held_and_the_reason_is_known(tmp_path, monkeypatch, number):
    def refuse(handle, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with held(tmp_path) as folder:
        assert folder is not None
        assert folder.unlocked == os.strerror(number)


@pytest.fixture
def run(tmp_path):
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


def test_a_folder_in_its_place_has_not_moved(run, tmp_path):
    (tmp_path / "link").symlink_to("run")
    for path in (run, tmp_path / "link"):
        with held(path) as folder:
            assert not folder.moved()
            assert folder.place() == run


def test_a_renamed_folder_is_found(run, tmp_path):
    with held(run) as folder:
        run.rename(tmp_path / "elsewhere")
        assert folder.moved()
        assert folder.place() == tmp_path / "elsewhere"
        (folder.through() / "x").write_text("saved")
    assert (tmp_path / "elsewhere" / "x").read_text() == "saved"


def test_another_folder_in_its_place_is_not_taken_for_it(run, tmp_path):
    with held(run) as folder:
        run.rename(tmp_path / "elsewhere")
        run.mkdir()
        assert folder.moved()
        assert folder.place() == tmp_path / "elsewhere"


def test_a_deleted_folder_has_no_place(run):
    with held(run) as folder:
        shutil.rmtree(run)
        assert folder.moved()
        assert folder.place() is None


def test_a_file_system_with_changing_numbers_does_not_look_like_a_move(run, monkeypatch):
    with held(run) as folder:
        monkeypatch.setattr(os.path, "samestat", lambda one, other: False)
        assert not folder.moved()


def test_without_a_handle_only_a_missing_folder_has_moved(run):
    folder = HeldFolder(run)
    assert not folder.moved()
    run.rmdir()
    assert folder.moved()
    assert folder.place() is None
