"""CIFAR-10 is read from a folder or the archive, byte for byte; the test file may be absent."""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import tarfile

import numpy as np
import pytest

from minigan.data import cifar10, download, paths
from minigan.data.catalogue import Archive, CatalogueEntry, DataFile
from minigan.errors import UserError

PER_FILE = 2
NAMES = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]


def rows_of(number: int) -> np.ndarray:
    """The rows of a file: label, then red, green and blue planes of which each byte is known."""
    rng = np.random.default_rng(number)
    return rng.integers(0, 256, (PER_FILE, 3073)).astype(np.uint8)


CONTENT = {name: rows_of(number).tobytes() for number, name in enumerate(NAMES)}
FILES = tuple(
    DataFile(name, (PER_FILE, 3073), hashlib.md5(data).hexdigest(), header=False)
    for name, data in CONTENT.items()
)


def archive_of(names=tuple(NAMES), content=None) -> bytes:
    """A .tar.gz with the folder of the published one, the files in another order."""
    content, whole = content or CONTENT, io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz", compresslevel=1) as tar:
        for name in ["readme.html", *reversed(names)]:
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            data = content.get(name, b"text")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return whole.getvalue()


def entry_of(archive: bytes) -> CatalogueEntry:
    """The catalogue entry of the small files, with this archive."""
    return CatalogueEntry(
        *("cifar-10", "Tiny", "none", 0.1, FILES, ("http://127.0.0.1:9/",)),
        Archive("cifar-10-binary.tar.gz", len(archive), hashlib.md5(archive).hexdigest()),
        "cifar-10-batches-bin",
        FILES[5:],
    )


ENTRY = entry_of(b"")


def write(folder, names=NAMES):
    """Write the files: plain, .xz and .gz in turn."""
    forms = (
        ("", bytes),
        (".xz", lambda data: lzma.compress(data, preset=0)),
        (".gz", gzip.compress),
    )
    for number, name in enumerate(names):
        suffix, compressed = forms[number % 3]
        (folder / f"{name}{suffix}").write_bytes(compressed(CONTENT[name]))


def check(splits) -> None:
    """Compare pixels and labels with the rows of the files, one pixel at a time."""
    train, validation, test = splits
    assert (len(train), len(validation), len(test)) == (8, 2, 2)
    rows = np.concatenate([rows_of(number) for number in range(6)])
    at = 0
    for images in (train, validation, test):
        assert images.shape == (32, 32, 3)
        for label, pixels in zip(images.labels, images.pixels, strict=True):
            assert label == rows[at, 0]
            for row, column, channel in ((0, 0, 0), (0, 1, 2), (31, 30, 1), (17, 5, 2)):
                expected = rows[at, 1 + channel * 1024 + row * 32 + column]
                assert pixels.reshape(32, 32, 3)[row, column, channel] == expected
            at += 1


@pytest.mark.parametrize("inner", ["", "cifar-10", "cifar-10/cifar-10-batches-bin"])
def test_a_folder_of_plain_and_compressed_files_is_read(tmp_path, inner):
    folder = tmp_path / inner
    folder.mkdir(parents=True, exist_ok=True)
    write(folder)
    check(cifar10.load(ENTRY, tmp_path))
    assert download.is_complete(ENTRY, folder)


def test_the_archive_is_read_in_any_order_of_its_files(tmp_path):
    data = archive_of()
    (tmp_path / "cifar-10-binary.tar.gz").write_bytes(data)
    check(cifar10.load(entry_of(data), tmp_path))
    assert download.is_complete(entry_of(data), tmp_path)


def test_training_needs_no_test_file(tmp_path):
    write(tmp_path, NAMES[:5])
    train, validation, test = cifar10.load(ENTRY, tmp_path)
    assert (len(train), len(validation), len(test), test.shape) == (8, 2, 0, (32, 32, 3))


def test_a_missing_training_file_is_named(tmp_path):
    write(tmp_path, NAMES[1:])
    with pytest.raises(UserError, match=r"without data_batch_1\.bin; download .* fetch cifar-10"):
        cifar10.load(ENTRY, tmp_path)


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("data_batch_1.bin", lambda data: data[:-1] + b"?", "is damaged, or belongs to another"),
        ("data_batch_1.bin", lambda data: data[:-1], "is truncated: it has 6145 of 6146 bytes"),
        ("data_batch_1.bin", lambda data: data + b"?", "continues after the 6146 bytes"),
        ("data_batch_2.bin.xz", lambda data: data[:-20], "is truncated: its xz data end too early"),
        ("data_batch_2.bin.xz", lambda data: data[:50] + b"?" + data[51:], "damaged: xz reports"),
        ("data_batch_2.bin.xz", lambda data: data + b"?", "continues after the 6146 bytes"),
        ("test_batch.bin.gz", lambda data: data[:-20], "is truncated: its gzip data end too early"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_with_its_reason(tmp_path, name, change, reason):
    names = [*NAMES[:5], NAMES[5]]
    write(tmp_path, names)
    path = tmp_path / name
    compressed = {"test_batch.bin.gz": gzip.compress(CONTENT["test_batch.bin"])}
    data = compressed.get(name) or path.read_bytes()
    path.write_bytes(change(data))
    with pytest.raises(UserError) as error:
        cifar10.load(ENTRY, tmp_path)
    assert reason in str(error.value)
    assert str(path) in str(error.value)
    assert str(error.value).endswith(f"minigan data fetch cifar-10 --data-dir {tmp_path}")


def test_an_xz_file_that_needs_much_memory_is_refused(tmp_path):
    write(tmp_path)
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 28}]
    data = lzma.compress(CONTENT["data_batch_2.bin"], filters=filters)
    (tmp_path / "data_batch_2.bin.xz").write_bytes(data)
    with pytest.raises(UserError, match="xz reports Memory usage limit"):
        cifar10.load(ENTRY, tmp_path)


def test_a_damaged_archive_is_refused_before_it_is_unpacked(tmp_path):
    data, path = archive_of(), tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(data[:-1])
    with pytest.raises(UserError, match=r"bytes, but cifar-10-binary\.tar\.gz has"):
        cifar10.load(entry_of(data), tmp_path)
    path.write_bytes(data[:-1] + b"?")
    with pytest.raises(UserError, match=r"is damaged, or is not cifar-10-binary\.tar\.gz: its MD5"):
        cifar10.load(entry_of(data), tmp_path)
    assert not download.is_complete(entry_of(data), tmp_path)
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        cifar10.load(entry_of(data), tmp_path)


def test_an_archive_with_another_content_is_refused(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    data = archive_of(NAMES[1:])
    path.write_bytes(data)
    with pytest.raises(UserError, match="does not contain all files"):
        cifar10.load(entry_of(data), tmp_path)
    data = archive_of(content={**CONTENT, NAMES[2]: bytes(PER_FILE * 3073)})
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"data_batch_3\.bin in .* is damaged"):
        cifar10.load(entry_of(data), tmp_path)


def test_the_archive_is_downloaded_once(tmp_path, monkeypatch):
    data, asked = archive_of(), []

    def download_it(url, path, file, quiet, timeout):
        asked.append(url)
        path.write_bytes(data)

    monkeypatch.setattr(download, "_download", download_it)
    entry = entry_of(data)
    folder = paths.download_folder(entry, tmp_path)
    for _ in range(2):
        download.fetch(entry, folder, quiet=True)
    assert asked == ["http://127.0.0.1:9/cifar-10-binary.tar.gz"]
    check(cifar10.load(entry, tmp_path))
