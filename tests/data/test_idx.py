"""An IDX file is read only if it is identical to the original, and memory is bounded by it."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import signal
import tracemalloc

import fuzz_idx
import numpy as np
import pytest

from minigan.data import idx
from minigan.data.catalogue import DataFile
from minigan.errors import UserError

# Two images of 2 x 3 and their labels, written byte by byte from the format's specification.
IMAGES = (
    b"\x00\x00\x08\x03" b"\x00\x00\x00\x02" b"\x00\x00\x00\x02" b"\x00\x00\x00\x03"
    b"\x00\x01\x02" b"\x03\x04\x05"
    b"\xff\x00\x7f" b"\x80\x1f\x8b"
)  # fmt: skip
LABELS = b"\x00\x00\x08\x01\x00\x00\x00\x02\x07\x02"
PIXELS = [[[0, 1, 2], [3, 4, 5]], [[255, 0, 127], [128, 31, 139]]]
MD5 = "360a84225edbe1b4f7e2dbfaa53b79bd"  # as md5sum prints it for these bytes
IMAGES_FILE = DataFile("two-images", (2, 2, 3), MD5)
LABELS_FILE = DataFile("two-labels", (2,), "9a120c0acba3fd690aa95fbff3d4f128")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


def reason(path, file=IMAGES_FILE):
    """The part of the message for an invalid file between its path and the remedy."""
    with pytest.raises(UserError) as caught:
        idx.read(path, file, "fetch it")
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert sentence.startswith(f"the file {path} ")
    assert sentence.endswith("; fetch it")
    return sentence.removeprefix(f"the file {path} ").removesuffix("; fetch it")


def reason_for(path, data, file=IMAGES_FILE):
    path.write_bytes(data)
    return reason(path, file)


@pytest.fixture
def peak():
    """The peak memory since the start of the test, in bytes."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_a_file_is_read_plain_or_compressed_with_any_name(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack(IMAGES))
    array = idx.read(tmp_path / name, IMAGES_FILE)
    assert array.dtype == np.uint8
    assert array.tolist() == PIXELS
    (tmp_path / name).write_bytes(pack(LABELS))
    assert idx.read(tmp_path / name, LABELS_FILE).tolist() == [7, 2]


def test_a_file_of_several_chunks_and_several_gzip_members_is_read(path):
    array = np.arange(3 * 300 * 200).reshape(3, 300, 200).astype(np.uint8)
    data = fuzz_idx.idx_bytes(array)
    assert array.size > 2 * idx.CHUNK
    file = DataFile("large", array.shape, hashlib.md5(data).hexdigest())
    for stored in (data, gzip.compress(data[:7]) + gzip.compress(data[7:])):
        path.write_bytes(stored)
        np.testing.assert_array_equal(idx.read(path, file), array)


def test_the_default_remedy_is_to_download_again(path):
    with pytest.raises(UserError, match=r"does not exist; download it again$"):
        idx.read(path, IMAGES_FILE)


def test_a_missing_file_and_a_path_below_a_file_are_reported(path):
    assert reason(path) == "does not exist"
    path.write_bytes(IMAGES)
    assert reason(path / "below") == "cannot be read: Not a directory"


def test_a_folder_at_the_path_raises(path):
    path.mkdir()
    assert reason(path) == "is a folder"


def test_a_pipe_raises_and_does_not_block(path):
    def hangs(*_):
        raise AssertionError("blocks on the pipe")

    os.mkfifo(path)
    previous = signal.signal(signal.SIGALRM, hangs)
    signal.alarm(5)
    try:
        assert reason(path) == "cannot be read: it is a named pipe, not a regular file"
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def test_a_file_that_cannot_be_opened_is_reported_with_the_reason(path, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    path.write_bytes(IMAGES)
    monkeypatch.setattr(os, "open", refuse)
    assert reason(path) == "cannot be read: Permission denied"


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("good_reads", [0, 1, 2])
def test_a_read_error_is_reported(path, monkeypatch, pack, good_reads):
    class Failing(io.BytesIO):
        reads = 0

        def read(self, size=-1):
            self.reads += 1
            if self.reads > good_reads:
                raise OSError(errno.EIO, "Input/output error")
            return super().read(min(size, 20))

        def fileno(self):
            return real.fileno()

    path.write_bytes(pack(IMAGES))
    with path.open("rb") as real:
        monkeypatch.setattr(idx, "open_regular", lambda path: Failing(pack(IMAGES)))
        assert reason(path) == "cannot be read: Input/output error"


def test_a_file_that_is_much_too_large_raises_before_it_is_read(path, monkeypatch):
    path.write_bytes(IMAGES)
    os.truncate(path, 10**10)
    monkeypatch.setattr(idx, "content_of", None)
    assert reason(path) == "has 10000000000 bytes on disk, but two-images has 28 uncompressed"


def testcontent_of_that_gzip_cannot_compress_is_not_too_large(path):
    array = np.random.default_rng(0).integers(0, 256, (9, 200, 200), dtype=np.uint8)
    data = fuzz_idx.idx_bytes(array)
    path.write_bytes(gzip.compress(data, 0))
    assert path.stat().st_size > len(data)
    file = DataFile("noise", array.shape, hashlib.md5(data).hexdigest())
    np.testing.assert_array_equal(idx.read(path, file), array)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_another_magic_number_is_reported_as_another_file(path, pack):
    assert reason_for(path, pack(LABELS)) == (
        "begins with the bytes 0 0 8 1, but two-images begins with 0 0 8 3: it is another file"
    )
    assert reason_for(path, pack(IMAGES), LABELS_FILE) == (
        "begins with the bytes 0 0 8 3, but two-labels begins with 0 0 8 1: it is another file"
    )
    for place in range(4):
        data = bytearray(IMAGES)
        data[place] = 9
        assert "begins with the bytes" in reason_for(path, pack(bytes(data)))
    assert "begins with the bytes 60 33 but" not in reason_for(path, pack(b"<!"))
    assert reason_for(path, pack(b"<!")).startswith("begins with the bytes 60 33, but")


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("size", range(28))
def test_a_truncated_file_is_reported_with_its_number_of_bytes(path, pack, size):
    assert reason_for(path, pack(IMAGES[:size])) == f"is truncated: it has {size} of 28 bytes"


def test_a_truncated_gzip_file_is_reported(path):
    packed = gzip.compress(IMAGES)
    for size in range(2, len(packed)):
        expected = "is truncated: its gzip data end too early"
        assert reason_for(path, packed[:size]) == expected


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("place", "sizes"),
    [(4, "4294967295 images of 2 x 3"), (8, "2 images of 4294967295 x 3")],
)
def test_wrong_sizes_in_the_header_are_reported(path, pack, place, sizes):
    data = IMAGES[:place] + b"\xff" * 4 + IMAGES[place + 4 :]
    expected = (
        f"contains {sizes} according to its header, but two-images contains 2 images of 2 x 3"
    )
    assert reason_for(path, pack(data)) == expected
    # also if the file ends after the header
    assert reason_for(path, pack(data[:16])) == expected


def test_a_wrong_number_of_labels_is_reported(path):
    data = LABELS[:4] + b"\x00\x00\x01\x02" + LABELS[8:]
    expected = "contains 258 labels according to its header, but two-labels contains 2 labels"
    assert reason_for(path, data, LABELS_FILE) == expected


def test_bytes_after_thecontent_of_raise(path):
    expected = "continues after the 28 bytes of two-images"
    assert reason_for(path, IMAGES + b"\0") == expected
    assert reason_for(path, gzip.compress(IMAGES + b"\0")) == expected
    assert reason_for(path, gzip.compress(IMAGES) + gzip.compress(b"\0")) == expected
    assert reason_for(path, gzip.compress(IMAGES) + b"more").startswith("is damaged: gzip reports ")


def test_an_additional_byte_raises_although_the_checksum_is_correct(path):
    """The checksum covers the header and the array, but not the bytes that follow."""
    path.write_bytes(IMAGES)
    idx.read(path, IMAGES_FILE)
    with path.open("ab") as file:
        file.write(b"\0")
    assert reason(path) == "continues after the 28 bytes of two-images"


def test_every_flipped_bit_of_a_plain_file_raises(path):
    for bit in range(8 * len(IMAGES)):
        data = bytearray(IMAGES)
        data[bit // 8] ^= 1 << bit % 8
        message = reason_for(path, bytes(data))
        if bit >= 8 * 16:
            md5 = hashlib.md5(data).hexdigest()
            assert message == (
                f"is damaged, or belongs to another data set: the MD5 of its content is {md5}, "
                f"not {MD5}"
            )


def test_inconsistent_gzip_data_are_reported_as_damaged(path):
    packed = bytearray(gzip.compress(IMAGES))
    packed[-6] ^= 1  # its checksum
    assert reason_for(path, packed).startswith("is damaged: gzip reports CRC check failed")
    packed[10] |= 6  # the type of its first block: 3 is invalid
    assert reason_for(path, packed).startswith("is damaged: gzip reports Error -3")
    assert reason_for(path, b"\x1f\x8b\x07" + bytes(20)).startswith("is damaged: gzip reports ")


@pytest.mark.parametrize(
    "start",
    [IMAGES, IMAGES[:16], IMAGES[:4] + b"\xff" * 12, b""],
    ids=["whole file", "header", "wrong header", "nothing"],
)
def test_a_gzip_bomb_raises_because_of_its_size_on_disk(path, peak, start):
    path.write_bytes(fuzz_idx.bomb(start, 200_000_000))
    assert path.stat().st_size < 1_000_000
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    assert "bytes on disk" in reason(path)
    assert peak() - before < 100_000


@pytest.mark.parametrize("beginning", ["whole file", "header", "wrong header", "nothing"])
def test_a_gzip_bomb_is_not_decompressed_beyond_the_original_size(path, peak, beginning):
    array = np.ones((1000, 28, 28), np.uint8)
    data = fuzz_idx.idx_bytes(array)
    file = DataFile("thousand", array.shape, hashlib.md5(data).hexdigest())
    start, expected = {
        "whole file": (data, "continues after the 784016 bytes of thousand"),
        "header": (data[:16], "continues after the 784016 bytes of thousand"),
        "wrong header": (
            data[:4] + b"\xff" * 12,
            "contains 4294967295 images of 4294967295 x 4294967295 according to its header, "
            "but thousand contains 1000 images of 28 x 28",
        ),
        "nothing": (b"", "begins with the bytes 0 0 0 0, but thousand begins with 0 0 8 3: "
                         "it is another file"),
    }[beginning]  # fmt: skip
    path.write_bytes(fuzz_idx.bomb(start, 200_000_000))
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    assert reason(path, file) == expected
    assert peak() - before < array.size + 500_000


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_wrong_header_raises_before_the_array_is_allocated(path, peak, pack):
    file = DataFile("large", (60000, 28, 28), "0" * 32)
    assert "contains 4294967295 images" in reason_for(path, pack(IMAGES[:4] + b"\xff" * 12), file)
    assert peak() < 500_000


@pytest.mark.parametrize("pack", [bytes, fuzz_idx.pack], ids=["plain", "gzip"])
def test_a_correct_file_needs_little_memory_in_addition_to_its_array(path, peak, pack):
    array = np.random.default_rng(0).integers(0, 256, (4000, 28, 28), dtype=np.uint8)
    data = fuzz_idx.idx_bytes(array)
    file = DataFile("good", array.shape, hashlib.md5(data).hexdigest())
    path.write_bytes(pack(data))
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    assert idx.read(path, file).shape == array.shape
    assert peak() - before < array.size + 500_000


def test_no_damaged_file_is_accepted_and_memory_is_bounded(tmp_path):
    outcome = fuzz_idx.attack(fuzz_idx.synthetic(), range(8000), tmp_path)
    assert outcome.wrong == []
    assert outcome.beside < 500_000
    kinds = (*fuzz_idx.ANY, *fuzz_idx.PLAIN, *fuzz_idx.PACKED)
    tried = {
        kind: (
            outcome.counts[kind.__name__, "refused"],
            outcome.counts[kind.__name__, "harmless"],
        )
        for kind in kinds
    }
    assert sum(map(sum, tried.values())) == 8000
    assert min(map(sum, tried.values())) > 200
    assert sum(refused for refused, _ in tried.values()) > 0.8 * 8000
    assert all(tried[kind][1] == 0 for kind in fuzz_idx.FATAL)
    # The time in a gzip header is not part of the content, so a change of it is harmless.
    assert tried[fuzz_idx.change_gzip_time][0] == 0


def test_the_same_seed_causes_the_same_damage():
    _, data, other = fuzz_idx.synthetic()[0]
    for seed in range(200):
        assert fuzz_idx.damaged(seed, data, other) == fuzz_idx.damaged(seed, data, other)
