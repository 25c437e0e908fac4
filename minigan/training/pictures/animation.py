"""Combine the sample sheets of a run into one animated PNG, without decoding them.

    PNG    IHDR, IDAT, IEND                              one picture
    APNG   IHDR, acTL, fcTL, IDAT, (fcTL, fdAT)..., IEND   fdAT = sequence number, then an IDAT

The compressed pixels are copied, so each frame equals its sheet, and the memory is that of the
files. Source: PNG, third edition, section 11.3.6 (animation information).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

from minigan.system.reading import read_whole

MOST_FRAMES = 200
LARGEST = 2**26
DELAY, LAST_DELAY = 100, 2000

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOUR = 0, 2


def animation(frames: Sequence[Path]) -> bytes | None:
    """An animated PNG of the sheets `frames` in their order, which repeats without end.

    A sheet is shown for 100 milliseconds, the last one for 2 seconds. At most 200 sheets are used,
    and fewer if they are large, so that the result has at most about 64 MiB; they are evenly spaced
    and include the first and the last. Some files are skipped without an error: files that cannot
    be read or are damaged, files that are not a grey or colour PNG without a palette, and files
    whose size or colour type differs from the last usable sheet. Returns None if fewer than two
    sheets remain.
    """
    largest = max((_size(path) for path in frames), default=0)
    chosen = evenly(len(frames), min(MOST_FRAMES, LARGEST // max(largest, 1)))
    sheets = [sheet for i in chosen if (sheet := _sheet(frames[i]))]
    sheets = [sheet for sheet in sheets if sheet[0] == sheets[-1][0]]
    if len(sheets) < 2:
        return None
    header = sheets[0][0]
    parts = [
        _SIGNATURE,
        _chunk(b"IHDR", header),
        _chunk(b"acTL", struct.pack(">II", len(sheets), 0)),  # 0: repeat without end
    ]
    for i, (_, pixels) in enumerate(sheets):
        delay = LAST_DELAY if i == len(sheets) - 1 else DELAY
        # Sequence numbers count fcTL and fdAT chunks; frame 0 has an fcTL only. The frame covers
        # the whole picture (offset 0, 0). Dispose 0: keep it; blend 0: replace the previous frame.
        number = max(0, 2 * i - 1)
        control = struct.pack(">I8sIIHHBB", number, header[:8], 0, 0, delay, 1000, 0, 0)
        parts.append(_chunk(b"fcTL", control))
        parts.append(
            _chunk(b"fdAT", struct.pack(">I", 2 * i) + pixels) if i else _chunk(b"IDAT", pixels)
        )
    return b"".join([*parts, _chunk(b"IEND", b"")])


def evenly(count: int, most: int) -> list[int]:
    """At most `most` evenly spaced indices below `count`, including the first and the last.

    An empty list if count > most and most < 2.
    """
    if count <= most:
        return list(range(count))
    return [i * (count - 1) // (most - 1) for i in range(most)] if most > 1 else []


def _size(path: Path) -> int:
    """The size of a file in bytes; 0 if it cannot be read."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _sheet(path: Path) -> tuple[bytes, bytes] | None:
    """The content of the IHDR chunk and of all IDAT chunks of a PNG; None if it is not usable."""
    try:
        data = read_whole(path, LARGEST)
    except OSError:
        return None
    header, pixels, at = b"", [], len(_SIGNATURE)
    if data[:at] != _SIGNATURE:
        return None
    while chunk := data[at : at + 8]:
        end = at + 8 + int.from_bytes(chunk[:4], "big")
        kind, content = chunk[4:], data[at + 8 : end]
        if data[end : end + 4] != zlib.crc32(kind + content).to_bytes(4, "big"):
            return None
        if kind == b"IHDR":
            header = content
        elif kind == b"IDAT":
            pixels.append(content)
        elif kind == b"IEND":
            usable = len(header) == 13 and header[9] in (_GREY, _COLOUR) and pixels
            return (header, b"".join(pixels)) if usable else None
        at = end + 4
    return None


def _chunk(kind: bytes, content: bytes) -> bytes:
    length = len(content).to_bytes(4, "big")
    return length + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")
