"""What is no regular file is written into or refused, and is never replaced."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys

import pytest

from minigan.system import files, streams


def test_a_file_and_a_missing_path_are_no_streams(tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    for name in ("a", "none", "none/below"):
        assert not streams.is_stream(tmp_path / name)
        assert streams.open_stream(tmp_path / name) is None


def test_a_pipe_gets_the_bytes_and_remains(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    assert streams.is_stream(path)
    files.write_atomically(path, b"x" * 3000)
    assert os.read(reader, 10_000) == b"x" * 3000
    os.close(reader)
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_pipe_without_a_reader_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="it is a named pipe that no program reads") as caught:
        files.write_atomically(tmp_path / "pipe", b"x")
    assert caught.value.filename == str(tmp_path / "pipe")


def test_a_device_behind_a_link_gets_the_bytes(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    files.write_atomically(link, b"x")
    assert os.readlink(link) == "/dev/null"
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    assert list(tmp_path.iterdir()) == [link]


def test_a_full_device_raises_with_its_name(tmp_path):
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device") as caught:
        files.write_atomically(tmp_path / "full", b"x")
    assert caught.value.filename == str(tmp_path / "full")


def test_a_socket_and_a_folder_are_refused(tmp_path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(os.path.relpath(tmp_path / "socket"))
    with pytest.raises(OSError, match="it is a socket, not a regular file"):
        files.write_atomically(tmp_path / "socket", b"x")
    with pytest.raises(IsADirectoryError):
        files.write_atomically(tmp_path, b"x")


WRITER = """
import sys
from pathlib import Path
from minigan.system import files
print("before")
files.write_atomically(Path(sys.argv[1]), b"between\\n")
print("after")
"""


@pytest.mark.parametrize("name", ["/dev/stdout", "/proc/self/fd/1", "out.txt"])
def test_standard_output_is_written_in_order_also_if_it_is_a_file(tmp_path, name):
    out = tmp_path / "out.txt"
    inode = None
    with out.open("wb") as file:
        inode = os.fstat(file.fileno()).st_ino
        subprocess.run([sys.executable, "-c", WRITER, name], stdout=file, cwd=tmp_path, check=True)
    assert out.read_text() == "before\nbetween\nafter\n"
    assert out.stat().st_ino == inode


def test_an_open_file_named_by_its_number_is_not_replaced(tmp_path):
    with (tmp_path / "out").open("wb") as file:
        files.write_atomically(tmp_path / "out", b"replaced")
        file.write(b"lost")
    with (tmp_path / "out").open("r+b") as file:
        number = f"/proc/self/fd/{file.fileno()}"
        files.write_atomically(type(tmp_path)(number), b"through")
        assert os.fstat(file.fileno()).st_ino == (tmp_path / "out").stat().st_ino
    assert (tmp_path / "out").read_bytes() == b"throughd"
