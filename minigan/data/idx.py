"""An IDX file is read only if it is, byte for byte, the published one.

    bytes 0..3          0  0  8 (unsigned bytes)  ndim
    next 4 ndim bytes   the sizes, each a big-endian number of 32 bits
    the rest            the numbers, one byte each, the last dimension fastest

plain or packed by gzip, which the first two bytes 1f 8b tell, whatever the name. What the file says
of itself is compared with what was published before it is believed: no size of the header is ever
allocated, and of a file that goes on for too long one byte too many is read. So the memory is that
of the published array and less than a megabyte beside it.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import stat
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from minigan.arrays import Array
from minigan.data.catalogue import File
from minigan.errors import UserError

GZIP = b"\x1f\x8b"
CHUNK = 1 << 16


def read(path: Path, file: File, remedy: str = "get it again") -> Array:
    """The content of `file` found at `path`: uint8, of the shape file.shape.

    Raises UserError, one sentence that ends with `remedy`, where the file is missing, cannot be
    read, is damaged, or is another one than that which was published.
    """
    try:
        _check_place(path, file)
        with path.open("rb") as raw:
            packed = raw.read(len(GZIP)) == GZIP
            raw.seek(0)
            return _content(gzip.GzipFile(fileobj=raw) if packed else raw, file)
    except _Refused as error:
        reason = str(error)
    except FileNotFoundError:
        reason = "does not exist"
    except EOFError:
        reason = "is cut short: its gzip data stop before their end"
    except (gzip.BadGzipFile, zlib.error) as error:
        reason = f"is damaged: gzip reports {error}"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    raise UserError(f"the file {path} {reason}; {remedy}")


class _Refused(Exception):
    """What is wrong with a file, as the rest of a sentence that begins with its path."""


def _check_place(path: Path, file: File) -> None:
    """Refuse what is not worth opening, or would wait for ever where it is opened, as a pipe."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise _Refused("is a folder" if stat.S_ISDIR(status.st_mode) else "is not a regular file")
    # The worst that gzip makes of a byte are 9 bits; the rest is room for names and its blocks.
    if status.st_size > file.size + file.size // 8 + CHUNK:
        raise _Refused(
            f"has {status.st_size} bytes on the disk, but {file.name} has {file.size} in all"
        )


def _content(source: BinaryIO | gzip.GzipFile, file: File) -> Array:
    """The array in the plain bytes of `source`, every one of which is checked."""
    magic = bytes([0, 0, 8, len(file.shape)])
    header = source.read(4 + 4 * len(file.shape))
    if not magic.startswith(header[:4]):
        raise _Refused(
            f"begins with the bytes {_spaced(header[:4])}, but {file.name} with {_spaced(magic)}: "
            "it is another file"
        )
    if len(header) < 4 + 4 * len(file.shape):
        raise _Refused(f"is cut short: it has {len(header)} of {file.size} bytes")
    sizes = struct.unpack(f">{len(file.shape)}I", header[4:])
    if sizes != file.shape:
        raise _Refused(
            f"says that it holds {_told(sizes)}, but {file.name} holds {_told(file.shape)}"
        )
    content = np.empty(math.prod(file.shape), np.uint8)
    count = _fill(content, source)
    if count < len(content):
        raise _Refused(f"is cut short: it has {len(header) + count} of {file.size} bytes")
    if source.read(1):  # at its end, gzip compares its own checksum too
        raise _Refused(f"goes on after the {file.size} bytes of {file.name}")
    md5 = hashlib.md5(header, usedforsecurity=False)
    md5.update(content.data)
    if md5.hexdigest() != file.md5:
        raise _Refused(
            f"is damaged, or of another set: the MD5 of its content is {md5.hexdigest()}, "
            f"not {file.md5}"
        )
    return content.reshape(file.shape)


def _fill(content: Array, source: BinaryIO | gzip.GzipFile) -> int:
    """Put the next bytes into `content`, until it is full or they end; how many they were."""
    count = 0
    while chunk := source.read(min(CHUNK, len(content) - count)):
        content[count : count + len(chunk)] = np.frombuffer(chunk, np.uint8)
        count += len(chunk)
    return count


def _spaced(data: bytes) -> str:
    """The bytes as decimal numbers, as the format describes them: 0 0 8 3."""
    return " ".join(map(str, data))


def _told(shape: tuple[int, ...]) -> str:
    """A shape in words: "60000 images of 28 x 28", "60000 labels"."""
    count, *sides = shape
    return f"{count} images of {' x '.join(map(str, sides))}" if sides else f"{count} labels"
