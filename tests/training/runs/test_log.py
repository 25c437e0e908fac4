"""A log has complete lines only, also if the process that writes it is stopped."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.errors import UserError
from minigan.training.runs import log

LINES = [{"iteration": t, "V": -1.25 * t, "note": "Ærø\n"} for t in range(5)]


@contextlib.contextmanager
def a_disk_with_room_for(size):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.jsonl"


@pytest.fixture
def written(path):
    for line in LINES:
        log.append(path, line)
    return path


def test_each_line_of_the_log_is_json_in_the_order_of_appending(written):
    text = written.read_text("utf-8")
    assert [json.loads(line) for line in text.split("\n")[:-1]] == LINES
    assert text.endswith("}\n")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_is_never_written(path, number):
    with pytest.raises(ValueError, match="not JSON compliant"):
        log.append(path, {"iteration": 1, "V": number})
    assert not path.exists()


def test_a_disk_that_fills_within_a_line_leaves_the_log_unchanged(path):
    log.append(path, {"iteration": 1})
    before = path.read_bytes()
    for room in range(len(before), len(before) + len(b'{"iteration": 2}\n')):
        with (
            a_disk_with_room_for(room),
            pytest.raises(OSError, match="File too large") as caught,
        ):
            log.append(path, {"iteration": 2})
        assert caught.value.filename == str(path)
        assert path.read_bytes() == before


def test_a_disk_with_just_enough_room_takes_the_line(path):
    log.append(path, {"iteration": 1})
    with a_disk_with_room_for(2 * len(path.read_bytes())):
        log.append(path, {"iteration": 2})
    assert [line["iteration"] for line in log.read(path)] == [1, 2]


def test_the_first_error_is_raised_if_the_file_cannot_be_truncated_either(path, monkeypatch):
    class Broken(io.FileIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

        def truncate(self, size=None):
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "open", lambda path, mode, buffering: Broken(path, "a"))
    with pytest.raises(OSError, match="No space left") as caught:
        log.append(path, {"iteration": 1})
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(path))


def test_a_device_or_a_pipe_is_no_log(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, kind in ((Path("/dev/full"), "a device"), (tmp_path / "pipe", "a named pipe")):
        with pytest.raises(OSError, match=f"it is {kind}, not a regular file"):
            log.append(path, {"iteration": 1})


def test_an_interrupt_within_a_line_leaves_the_log_unchanged(written, monkeypatch):
    class Interrupted:
        """A file whose second write is interrupted; the first takes three bytes."""

        def __init__(self, file):
            self.file, self.tell, self.truncate = file, file.tell, file.truncate
            self.calls = 0

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, data):
            self.calls += 1
            if self.calls == 2:
                raise KeyboardInterrupt
            return self.file.write(data[:3])

    before = written.read_bytes()
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *a, **k: Interrupted(opened(path, *a, **k)))
    with pytest.raises(KeyboardInterrupt):
        log.append(written, {"iteration": 5})
    monkeypatch.undo()
    assert written.read_bytes() == before


def test_a_log_reads_back_line_by_line(written):
    assert log.read(written) == LINES


def test_a_missing_log_has_no_lines_and_is_not_created(path):
    assert log.read(path) == log.cut(path, 10) == []
    assert not path.exists()


@given(st.lists(st.integers(0, 20), max_size=5), st.integers(0, 200))
def test_a_log_truncated_at_any_byte_reads_as_its_complete_lines(
    tmp_path_factory, iterations, length
):
    path = tmp_path_factory.mktemp("run") / "log.jsonl"
    text = b"".join(b'{"iteration": %d}\n' % t for t in iterations)[:length]
    path.write_bytes(text)
    assert [line["iteration"] for line in log.read(path)] == iterations[: text.count(b"\n")]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[1]",
        b"7",
        b"null",
        b'"iteration"',
        b"{}",
        b'{"iteration": null}',
        b'{"iteration": true}',
        b'{"iteration": 2.0}',
        b'{"iteration": "2"}',
        b'{"iteration": -1}',
        b'{"iteration": 2} {"iteration": 3}',
        b'{"iteration": 2, "V": NaN}',
        b'{"iteration": 2, "V": -Infinity}',
        b'{"iteration": 2, "note": "\xff"}',
        '{"iteration": 2}'.encode("utf-16"),
        b"\0" * 10,
        b"[" * 100_000,
        b'{"iteration": %s}' % (b"9" * 5000),
        b'{"iteration": %s}' % (b"9" * 400),
        b'{"iteration": 2, "seconds": 1e999}',
        b'{"iteration": 2, "seconds": %s}' % (b"9" * 400),
        b'{"iteration": 2, "seconds": -1}',
        b'{"iteration": 2, "seconds": "x"}',
        b'{"iteration": 2, "validation_LL": "x"}',
        b'{"iteration": 2, "sigma": [1]}',
        b'{"iteration": 2, "collapsed": 0.5}',
    ],
    ids=lambda line: repr(line[:20]),
)
def test_a_damaged_line_is_named_with_its_file_and_number(path, line):
    data = b'{"iteration": 1}\n' + line + b'\n{"iteration": 3}\n'
    path.write_bytes(data)
    for reading in (log.read, lambda path: log.cut(path, 1)):
        with pytest.raises(UserError) as caught:
            reading(path)
        sentence = str(caught.value)
        assert sentence.startswith(f"{path} is damaged: in line 2, ")
        assert sentence.endswith("; correct or delete this line")
    assert path.read_bytes() == data


def test_a_log_that_cannot_be_read_is_an_error_with_the_reason(path):
    path.mkdir()
    with pytest.raises(UserError, match=r"log\.jsonl cannot be read: Is a directory$"):
        log.read(path)


@pytest.mark.parametrize("torn", [b"", b"{", b'{"iteration": 1}', b"\xff\0"])
@pytest.mark.parametrize("iteration", range(-1, 6))
def test_cut_keeps_the_bytes_up_to_the_iteration_and_removes_an_incomplete_line(
    written, iteration, torn
):
    whole = written.read_bytes()
    with written.open("ab") as file:
        file.write(torn)
    kept = [line for line in LINES if line["iteration"] <= iteration]
    assert log.cut(written, iteration) == kept
    assert written.read_bytes() == b"".join(whole.splitlines(keepends=True)[: len(kept)])
    log.append(written, {"iteration": 9})
    assert log.read(written) == [*kept, {"iteration": 9}]


def test_a_log_without_lines_to_remove_is_not_written(written):
    os.utime(written, ns=(1, 1))
    before = written.stat()
    assert log.cut(written, 4) == LINES
    after = written.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, 1)


def test_a_log_that_cannot_be_cut_stays_unchanged(written):
    before = written.read_bytes()
    with a_disk_with_room_for(10), pytest.raises(OSError, match="File too large") as caught:
        log.cut(written, 2)
    assert caught.value.filename == str(written)
    assert [entry.name for entry in written.parent.iterdir()] == ["log.jsonl"]
    assert written.read_bytes() == before
