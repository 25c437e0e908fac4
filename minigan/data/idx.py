"""Read an IDX file and check that it is identical to the original, byte for byte.

    bytes 0..3          0  0  8 (unsigned bytes)  ndim
    next 4 ndim bytes   the sizes, each a big-endian number of 32 bits
    the rest            the numbers, one byte each, the last dimension fastest

A file of the catalogue without a header has the numbers only. The file may be compressed with gzip
or xz. This is detected by its first bytes, and not by the name. The header is compared with the
catalogue before memory is allocated, and at most one byte is read beyond the expected end. So a
damaged or malicious file needs no more memory than the original: its array, plus less than a
megabyte.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import math
import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from minigan.arrays import Array
from minigan.data.catalogue import DataFile
from minigan.errors import UserError
from minigan.system.reading import open_regular

GZIP, XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
XZ_MEMORY = 1 << 27  # bytes, more than `xz -9` needs; a malicious file can ask for gigabytes
CHUNK = 1 << 16


class Readable(Protocol):
    """What the bytes of a file are read from."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""


def read(path: Path, file: DataFile, remedy: str = "download it again") -> Array:
    """The content of `file` stored at `path`: uint8, of the shape file.shape.

    Raises UserError if the file does not exist, cannot be read, is damaged, or is not identical to
    the original. The message is one sentence that ends with `remedy`.
    """
    try:
        with open_regular(path) as raw:
            _check_size(os.fstat(raw.fileno()).st_size, file)
            return content_of(_uncompressed(raw), file)
    except InvalidFile as error:
        reason = str(error)
    except FileNotFoundError:
        reason = "does not exist"
    except IsADirectoryError:
        reason = "is a folder"
    except EOFError:
        reason = "is truncated: its gzip data end too early"
    except lzma.LZMAError as error:
        reason = f"is damaged: xz reports {error}"
    except (gzip.BadGzipFile, zlib.error) as error:
        reason = f"is damaged: gzip reports {error}"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    raise UserError(f"the file {path} {reason}; {remedy}")


class InvalidFile(Exception):
    """The error of a file, as the rest of a sentence that begins with its path."""


def _check_size(size: int, file: DataFile) -> None:
    """Raise InvalidFile for a size on disk that is much too large."""
    # gzip needs at most 9 bits per byte; CHUNK allows for its header and its blocks.
    if size > file.size + file.size // 8 + CHUNK:
        raise InvalidFile(f"has {size} bytes on disk, but {file.name} has {file.size} uncompressed")


class _XzFile:
    """The uncompressed bytes of an xz file. lzma.LZMAFile has no limit on its memory."""

    def __init__(self, raw: BinaryIO) -> None:
        self.raw, self.data = raw, b""
        self.decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes. Raises LZMAError, and InvalidFile for a truncated file."""
        while size and not self.decoder.eof:
            data = self.raw.read(CHUNK) if self.decoder.needs_input else b""
            if not data and self.decoder.needs_input:
                raise InvalidFile("is truncated: its xz data end too early")
            if found := self.decoder.decompress(data, size):
                return found
        return self.decoder.unused_data[:size]


def _uncompressed(raw: BinaryIO) -> Readable:
    """The source of the uncompressed bytes of a file."""
    start = raw.read(len(XZ))
    raw.seek(0)
    if start == XZ:
        return _XzFile(raw)
    return gzip.GzipFile(fileobj=raw) if start.startswith(GZIP) else raw


def _checked_header(source: Readable, file: DataFile) -> bytes:
    """Read the header and compare it with the catalogue. Raises InvalidFile."""
    magic = bytes([0, 0, 8, len(file.shape)])
    header = source.read(4 + 4 * len(file.shape))
    if not magic.startswith(header[:4]):
        raise InvalidFile(
            f"begins with the bytes {_decimal(header[:4])}, but {file.name} begins with "
            f"{_decimal(magic)}: it is another file"
        )
    if len(header) < 4 + 4 * len(file.shape):
        raise InvalidFile(f"is truncated: it has {len(header)} of {file.size} bytes")
    sizes = struct.unpack(f">{len(file.shape)}I", header[4:])
    if sizes != file.shape:
        raise InvalidFile(
            f"contains {_shape_text(sizes)} according to its header, but {file.name} contains "
            f"{_shape_text(file.shape)}"
        )
    return header


def content_of(source: Readable, file: DataFile) -> Array:
    """The array in the uncompressed bytes of `source`. Raises InvalidFile."""
    header = _checked_header(source, file) if file.header else b""
    content = np.empty(math.prod(file.shape), np.uint8)
    count = _fill(content, source)
    if count < len(content):
        raise InvalidFile(f"is truncated: it has {len(header) + count} of {file.size} bytes")
    if source.read(1):  # reading to the end also makes gzip check its own checksum
        raise InvalidFile(f"continues after the {file.size} bytes of {file.name}")
    md5 = hashlib.md5(header, usedforsecurity=False)
    md5.update(content.data)
    if md5.hexdigest() != file.md5:
        raise InvalidFile(
            "is damaged, or belongs to another data set: the MD5 of its content is "
            f"{md5.hexdigest()}, not {file.md5}"
        )
    return content.reshape(file.shape)


def _fill(content: Array, source: Readable) -> int:
    """Read bytes into `content` until it is full or the source ends; returns their number."""
    count = 0
    while chunk := source.read(min(CHUNK, len(content) - count)):
        content[count : count + len(chunk)] = np.frombuffer(chunk, np.uint8)
        count += len(chunk)
    return count


def _decimal(data: bytes) -> str:
    """The bytes as decimal numbers, as in the description of the format: '0 0 8 3'."""
    return " ".join(map(str, data))


def _shape_text(shape: tuple[int, ...]) -> str:
    """A shape as text: '60000 images of 28 x 28', '60000 labels'."""
    count, *sides = shape
    return f"{count} images of {' x '.join(map(str, sides))}" if sides else f"{count} labels"
