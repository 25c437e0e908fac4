"""The event files have the format of TensorBoard: TFRecords, parsed here byte by byte."""

from __future__ import annotations

import resource
import struct
import sys
import time

import pytest

from minigan.errors import UserError
from minigan.training.runs.tensorboard import Writer, protocol


def crc32c(data: bytes) -> int:
    """The Castagnoli CRC, computed bit by bit with the reversed polynomial 0x82f63b78."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x82F63B78 * (crc & 1)
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> int:
    """A rotation to the right by 15 bits, plus a constant."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32


def events(path):
    """All events of a file; every byte is checked."""
    from tensorboardX.proto import event_pb2

    data, at, found = path.read_bytes(), 0, []
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        payload = data[at + 12 : at + 12 + length]
        assert struct.unpack_from("<I", data, at + 8) == (masked(data[at : at + 8]),)
        assert struct.unpack_from("<I", data, at + 12 + length) == (masked(payload),)
        found.append(event_pb2.Event.FromString(payload))
        at += 16 + length
    return found


def points(path):
    return [
        (event.step, value.tag, value.simple_value)
        for event in events(path)
        for value in event.summary.value
    ]


def test_the_checksum_of_these_tests_is_the_published_one():
    assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32/ISCSI
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4


def test_every_number_but_the_iteration_is_a_point_of_its_curve(tmp_path):
    writer = Writer(tmp_path)
    writer.add({"iteration": 50, "V": -1.375, "updates": 3, "best": True, "fid": None})
    writer.add({"V": -1.25, "note": "2.5", "iteration": 2**40})
    assert points(writer.path) == [(50, "V", -1.375), (50, "updates", 3.0), (2**40, "V", -1.25)]


def test_a_point_is_in_the_file_as_soon_as_it_is_added(tmp_path):
    writer = Writer(tmp_path)
    for t in range(1, 5):
        writer.add({"iteration": t, "V": 0.5})
        assert points(writer.path)[-1] == (t, "V", 0.5)


def test_a_value_is_stored_in_float32(tmp_path):
    writer = Writer(tmp_path)
    writer.add({"iteration": 1, "V": 0.1, "huge": 1e300})
    assert [value for _, _, value in points(writer.path)] == [
        struct.unpack("f", struct.pack("f", 0.1))[0],
        float("inf"),
    ]


@pytest.mark.parametrize("first", [0, 300])
def test_a_file_starts_with_the_version_and_its_first_iteration(tmp_path, first):
    before = time.time()
    path = Writer(tmp_path / "a" / "b", first).path
    version, start = events(path)
    assert path.parent == tmp_path / "a" / "b"
    assert version.file_version == "brain.Event:2"
    # TensorBoard hides the points of earlier files from this step on. The point of the iteration
    # `first`, which a resumed run does not compute again, stays visible.
    assert (start.step, start.session_log.status) == (first + 1, start.session_log.START)
    assert before - 1e-3 <= version.wall_time == start.wall_time <= time.time()


def test_a_point_has_the_time_at_which_it_was_added(tmp_path):
    writer = Writer(tmp_path)
    before = time.time()
    writer.add({"iteration": 1, "V": 0.0})
    assert before <= events(writer.path)[-1].wall_time <= time.time()


def test_files_of_the_same_second_are_different_and_their_names_in_order(tmp_path):
    paths = []
    for first in range(20):
        writer = Writer(tmp_path, first)
        writer.add({"iteration": first + 1, "V": 0.5})
        paths.append(writer.path)
    assert sorted(tmp_path.iterdir()) == paths
    assert [points(path) for path in paths] == [[(t, "V", 0.5)] for t in range(1, 21)]


def test_the_time_in_a_name_is_padded_so_that_names_sort_by_time(tmp_path, monkeypatch):
    for now in (1_700_000_000 * 10**9 + 7, 1_700_000_000 * 10**9 + 10):
        monkeypatch.setattr(time, "time_ns", lambda now=now: now)
        Writer(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "events.out.tfevents.1700000000.000000007",
        "events.out.tfevents.1700000000.000000010",
    ]


def test_a_disk_that_fills_within_a_point_raises_an_error(tmp_path):
    writer = Writer(tmp_path)
    writer.add({"iteration": 1, "V": 0.5})
    before = writer.path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, hard))
    try:
        for _ in range(50):  # more than any queue would hold
            with pytest.raises(OSError, match="File too large") as caught:
                writer.add({"iteration": 2, "V": 0.5})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.filename == str(writer.path)
    assert writer.path.read_bytes() == before
    writer.add({"iteration": 2, "V": 0.25})
    assert points(writer.path) == [(1, "V", 0.5), (2, "V", 0.25)]


def test_without_tensorboardx_the_message_has_the_install_command(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "tensorboardX"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    for attempt in (protocol, lambda: Writer(tmp_path / "run")):
        with pytest.raises(UserError) as caught:
            attempt()
        assert str(caught.value) == (
            f"--tensorboard needs tensorboardX: {sys.executable} -m pip install tensorboardX"
        )
    assert list(tmp_path.iterdir()) == []
