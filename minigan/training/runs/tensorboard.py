"""The log of a run as TensorBoard event files: each metric is a curve, each log line a step.

An event file is a sequence of TFRecords. Each of them is one serialized `Event` of TensorBoard's
protocol:

    length (8 bytes) | masked(crc32c(length)) | event | masked(crc32c(event))    little-endian
    masked(c) = (c >> 15 | c << 17) + 0xa282ead8   mod 2^32

tensorboardX supplies the protocol and the checksum; it is imported when it is needed. Its
SummaryWriter is not used, for two reasons. It writes in a thread; if that thread meets a full disk,
the run waits forever. And two writers started in the same second use the same file, which the
second one empties. Here, every record is appended at once, completely or not at all.
"""

from __future__ import annotations

import importlib
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minigan.errors import UserError
from minigan.system.files import append_whole
from minigan.system.install import install_command


class Writer:
    """Creates a new event file in a folder, for the iterations of a run after `first`.

    TensorBoard then ignores later points in older files of the folder, which a resumed run
    computes again. A writer does not need to be closed.

    Raises UserError if tensorboardX is missing, and OSError if the file cannot be written.
    """

    def __init__(self, folder: Path, first: int = 0) -> None:
        self._event = protocol().Event
        now = time.time_ns()
        folder.mkdir(parents=True, exist_ok=True)
        # TensorBoard reads files in the order of their names: seconds, then nanoseconds.
        self.path = folder / f"events.out.tfevents.{now // 10**9:010d}.{now % 10**9:09d}"
        version = self._event(wall_time=now / 1e9, file_version="brain.Event:2")
        start = self._event(wall_time=now / 1e9, step=first + 1, session_log={"status": "START"})
        append_whole(self.path, _record(version) + _record(start))

    def add(self, line: Mapping[str, Any]) -> None:
        """Append all numbers of a log line as points at the step line["iteration"].

        TensorBoard stores them in float32, with the current time. Raises OSError if the file
        cannot be written.
        """
        points = [
            {"tag": name, "simple_value": value}
            for name, value in line.items()
            if name != "iteration"
            and isinstance(value, int | float)
            and not isinstance(value, bool)
        ]
        summary = {"value": points}
        event = self._event(wall_time=time.time(), step=line["iteration"], summary=summary)
        append_whole(self.path, _record(event))


def protocol() -> Any:
    """The module that defines `Event`. Raises UserError if tensorboardX is not installed."""
    try:
        return importlib.import_module("tensorboardX.proto.event_pb2")
    except ImportError:
        raise UserError(
            f"--tensorboard needs tensorboardX: {install_command('tensorboard')}"
        ) from None


def _record(event: Any) -> bytes:
    """One event as a TFRecord."""
    data: bytes = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    writer = importlib.import_module("tensorboardX.record_writer")
    return struct.pack("<I", writer.masked_crc32c(data))
