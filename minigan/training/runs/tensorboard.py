"""The log of a run for TensorBoard: each number of a line is a point of the curve with its name.

An event file is a row of TFRecords, each one serialised `Event` of TensorBoard's protocol:

    length (8 bytes) | masked(crc32c(length)) | event | masked(crc32c(event))    little-endian
    masked(c) = (c >> 15 | c << 17) + 0xa282ead8   mod 2^32

tensorboardX supplies the protocol and the checksum, and is imported when they are needed. Its
SummaryWriter is not used: it writes in a thread, and after that thread has met a full disk the
run waits for it for ever; and two writers begun in the same second share one file, of which the
later empties the earlier. Here every record is added at once, whole or not at all.
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


class Writer:
    """A new event file in a folder, for the iterations after the `first` ones of a run.

    TensorBoard forgets the later points of the folder's earlier files: those that a resumed run
    measures again. There is nothing to close.

    Raises UserError where tensorboardX is missing, OSError where the file cannot be written.
    """

    def __init__(self, folder: Path, first: int = 0) -> None:
        self._event = protocol().Event
        now = time.time_ns()
        folder.mkdir(parents=True, exist_ok=True)
        # TensorBoard reads files in the order of their names: seconds, as is usual, and the rest.
        self.path = folder / f"events.out.tfevents.{now // 10**9:010d}.{now % 10**9:09d}"
        version = self._event(wall_time=now / 1e9, file_version="brain.Event:2")
        start = self._event(wall_time=now / 1e9, step=first + 1, session_log={"status": "START"})
        append_whole(self.path, _record(version) + _record(start))

    def add(self, line: Mapping[str, Any]) -> None:
        """Add the numbers of a line, but "iteration", as points at the step line["iteration"].

        TensorBoard keeps them in float32, with the system's time. Raises OSError.
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
    """The module with TensorBoard's `Event`. Raises UserError where tensorboardX is missing."""
    try:
        return importlib.import_module("tensorboardX.proto.event_pb2")
    except ImportError:
        raise UserError(
            "--tensorboard needs tensorboardX: pip install 'minigan[tensorboard]'"
        ) from None


def _record(event: Any) -> bytes:
    """One event as a TFRecord."""
    data: bytes = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    writer = importlib.import_module("tensorboardX.record_writer")
    return struct.pack("<I", writer.masked_crc32c(data))
