"""Only a regular file of bounded size is read; nothing is waited for, and no device is opened."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat

import pytest

from minigan.system import reading


def test_a_regular_file_is_read_up_to_the_limit(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert reading.read_whole(path, 5) == b"12345"
    with pytest.raises(OSError, match="it is larger than 4 bytes"):
        reading.read_whole(path, 4)


def test_a_link_to_a_regular_file_is_followed(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to("a")
    assert reading.read_whole(tmp_path / "link", 5) == b"x"


@pytest.mark.parametrize(
    ("name", "kind"), [("pipe", "a named pipe"), ("zero", "a device"), ("socket", "a socket")]
)
def test_what_is_no_regular_file_is_refused_by_its_kind(tmp_path, name, kind):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(tmp_path / "socket"))
    with pytest.raises(OSError, match=f"it is {kind}, not a regular file") as caught:
        reading.read_whole(tmp_path / name, 100)
    assert caught.value.filename == str(tmp_path / name)


def test_a_folder_and_a_missing_file_raise_the_errors_of_the_system(tmp_path):
    with pytest.raises(IsADirectoryError):
        reading.read_whole(tmp_path, 100)
    with pytest.raises(FileNotFoundError):
        reading.read_whole(tmp_path / "none", 100)
    with pytest.raises(OSError, match="its name is not valid"):
        reading.read_whole(tmp_path / "a\0b", 100)


def test_a_device_is_not_opened(tmp_path, monkeypatch):
    opened = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda *a, **k: (opened.append(a), real(*a, **k))[1])
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path / "none"):
        with pytest.raises(OSError, match=re.escape(str(path))):
            reading.open_regular(path)
    assert opened == []


def test_a_pipe_that_takes_the_place_of_the_file_is_not_waited_for(tmp_path, monkeypatch):
    path = tmp_path / "a"
    os.mkfifo(path)
    regular = os.stat(__file__)
    monkeypatch.setattr(os, "stat", lambda path: regular)  # as if it were replaced after this

    def waits(*_):
        raise AssertionError("waits for a writer")

    previous = signal.signal(signal.SIGALRM, waits)
    signal.alarm(5)
    try:
        with pytest.raises(OSError, match="it is a named pipe"):
            reading.open_regular(path)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def test_every_kind_has_a_name():
    kinds = {stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK}
    assert set(reading.KINDS) == kinds
