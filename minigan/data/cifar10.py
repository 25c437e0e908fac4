"""Load CIFAR-10 from its binary version, with the split of the paper's authors.

    training     images 0..39,999 of the five training files
    validation   images 40,000..49,999
    test         the 10,000 images of the test file; none if it is absent

A row of a file is one label and 3,072 pixels: the red, the green and the blue plane, each in
row-major order. Here a pixel has its three colours side by side, as in every other data set. The
published configuration trains on the first 40,000 images and never uses the test file, so the
training files alone are enough for training.

The files are read from the published archive or from a folder, each uncompressed, .gz or .xz. All
are compared with the published checksums. Memory: 3,072 bytes per image, and one file more.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np

from minigan.arrays import Array
from minigan.data import idx, paths
from minigan.data.catalogue import Archive, CatalogueEntry, DataFile
from minigan.data.images import Images
from minigan.errors import UserError
from minigan.system.reading import open_regular

SIDE, CHANNELS = 32, 3
BLOCK = 1 << 20  # bytes


def load(entry: CatalogueEntry, data_dir: Path | None) -> tuple[Images, Images, Images]:
    """(training, validation, test): pixels (N, 3072) uint8 from 0 to 255, labels (N,) uint8.

    `paths.find` lists the folders that are searched. Raises UserError if the data set is not found,
    or if a file is not identical to the original. The message contains the download command.
    """
    folder, remedy = paths.required_folder(entry, data_dir)
    first, count = dict[DataFile, int](), 0  # the row of the first image of each file
    for file in entry.files:
        if file not in entry.optional:
            first[file], count = count, count + file.shape[0]
    train, test = _empty(count), _empty(0)
    for file, table in _tables(entry, folder, remedy):
        if file in first:
            start = first.pop(file)
            _fill(train[start : start + len(table)], table)
        else:
            test = _empty(len(table))
            _fill(test, table)
    if first:
        raise UserError(f"the archive in {folder} does not contain all files; {remedy}")
    split = count - count // 5
    return train[:split], train[split:], test


def check_archive(path: Path, archive: Archive, remedy: str) -> None:
    """Compare an archive with its published size and checksum. Raises UserError."""
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            md5 = hashlib.md5(usedforsecurity=False)
            while size == archive.size and (block := file.read(BLOCK)):
                md5.update(block)
    except OSError as error:
        raise UserError(f"the file {path} cannot be read: {error.strerror}; {remedy}") from None
    if size != archive.size:
        raise UserError(
            f"the file {path} has {size:,} bytes, but {archive.name} has {archive.size:,}; {remedy}"
        )
    if md5.hexdigest() != archive.md5:
        raise UserError(
            f"the file {path} is damaged, or is not {archive.name}: its MD5 is "
            f"{md5.hexdigest()}, not {archive.md5}; {remedy}"
        )


def _tables(entry: CatalogueEntry, folder: Path, remedy: str) -> Iterator[tuple[DataFile, Array]]:
    """Each file of the data set with its content (N, 1 + n), one at a time."""
    if entry.archive is None or not paths.has_archive(entry, folder):
        for file in entry.files:
            path = paths.path_of(folder, file)
            if file not in entry.optional or os.path.exists(path):
                yield file, idx.read(path, file, remedy)
        return
    path, files = folder / entry.archive.name, {file.name: file for file in entry.files}
    check_archive(path, entry.archive, remedy)
    with open_regular(path) as raw, tarfile.open(fileobj=raw, mode="r|gz") as members:
        for member in members:
            found = files.get(PurePosixPath(member.name).name)
            content = members.extractfile(member) if found else None
            if found and content:
                try:
                    yield found, idx.content_of(content, found)
                except idx.InvalidFile as error:
                    raise UserError(f"{member.name} in {path} {error}; {remedy}") from None


def _empty(count: int) -> Images:
    """Images without content yet."""
    pixels = np.empty((count, SIDE * SIDE * CHANNELS), np.uint8)
    return Images(pixels, np.empty(count, np.uint8), 255, SIDE, SIDE, CHANNELS)


def _fill(images: Images, table: Array) -> None:
    """Copy the labels, and the pixels with the three planes interleaved."""
    images.labels[...] = table[:, 0]
    planes = table[:, 1:].reshape(len(table), CHANNELS, SIDE * SIDE)
    images.pixels.reshape(len(table), SIDE * SIDE, CHANNELS)[...] = planes.transpose(0, 2, 1)
