"""A data set in MNIST's format has the split of the paper's authors; an invalid file raises."""

from __future__ import annotations

import gzip
import hashlib

import numpy as np
import pytest
from fuzz_idx import idx_bytes

from minigan.data import mnist, paths
from minigan.data.catalogue import CatalogueEntry, DataFile
from minigan.errors import UserError


def write(folder, train, train_labels, test, test_labels):
    """Write the four files, two plain and two compressed; return their catalogue entry."""
    files = []
    arrays = {"a": train, "b": train_labels, "c": test, "d": test_labels}
    for name, array in arrays.items():
        data = idx_bytes(np.asarray(array, np.uint8))
        if name in "ad":
            (folder / f"{name}.gz").write_bytes(gzip.compress(data, 1))
        else:
            (folder / name).write_bytes(data)
        files.append(DataFile(name, np.shape(array), hashlib.md5(data).hexdigest()))
    return CatalogueEntry("tiny", "Tiny", "none", 0.1, tuple(files), ())


@pytest.fixture
def entry(tmp_path):
    """13 training images of 2 x 3 with all pixels 0, 1, 2, ...; 4 test images 100, 101, ..."""
    numbers, later = np.arange(13), np.arange(100, 104)
    pixels = np.ones((1, 2, 3), int)
    return write(
        tmp_path, numbers[:, None, None] * pixels, numbers % 10,
        later[:, None, None] * pixels, later % 10,
    )  # fmt: skip


def test_a_data_set_of_60000_images_is_split_at_50000(tmp_path):
    """0..49,999 for training, 50,000..59,999 for validation (published configuration)."""
    number = np.arange(60000)
    train = np.stack([number >> 8, number & 255], axis=1)[:, None, :]
    set_ = write(tmp_path, train, number % 10, train[:10000], number[:10000] % 10)
    numbers = [
        [256 * int(high) + int(low) for high, low in part.pixels]
        for part in mnist.load(set_, tmp_path)
    ]
    assert numbers == [
        list(range(50000)),
        list(range(50000, 60000)),
        list(range(10000)),
    ]


def test_the_last_sixth_of_another_size_is_the_validation_split(entry, tmp_path):
    train, validation, test = mnist.load(entry, tmp_path)
    assert train.pixels[:, 0].tolist() == list(range(11))
    assert train.labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
    assert validation.pixels[:, 0].tolist() == [11, 12]
    assert validation.labels.tolist() == [1, 2]
    assert test.pixels[:, 0].tolist() == [100, 101, 102, 103]
    assert test.labels.tolist() == [0, 1, 2, 3]


def test_an_image_is_a_row_of_uint8_in_row_major_order_and_255_is_white(tmp_path):
    rows = [[[0, 51, 255], [1, 2, 3]]] * 6
    images, _, _ = mnist.load(write(tmp_path, rows, range(6), rows, range(6)), tmp_path)
    assert (images.height, images.width, images.channels, images.white) == (2, 3, 1, 255)
    assert (images.pixels.dtype, images.labels.dtype) == (np.uint8, np.uint8)
    assert images.pixels.tolist() == [[0, 51, 255, 1, 2, 3]] * 5
    np.testing.assert_allclose(images.all()[0, :3], [0, 0.2, 1], rtol=1e-7)


def test_training_and_validation_share_memory(entry, tmp_path):
    train, validation, _ = mnist.load(entry, tmp_path)
    assert train.pixels.base is not None
    assert train.pixels.base is validation.pixels.base


def test_a_missing_data_set_raises_the_message_of_paths(entry, tmp_path):
    for name, data_dir in (("nowhere", tmp_path / "nowhere"), ("empty", tmp_path / "empty")):
        if name == "empty":
            data_dir.mkdir()
        with pytest.raises(UserError) as caught:
            mnist.load(entry, data_dir)
        assert str(caught.value) == paths.missing_message(entry, data_dir)


@pytest.mark.parametrize("name", ["a.gz", "b", "c", "d.gz"])
def test_a_damaged_file_raises_with_its_path_and_the_download_command(entry, tmp_path, name):
    path = tmp_path / name
    data = bytearray(path.read_bytes())
    data[-5] ^= 1  # the content of a plain file, the checksum of a compressed one
    path.write_bytes(data)
    with pytest.raises(UserError) as caught:
        mnist.load(entry, tmp_path)
    sentence = str(caught.value)
    assert sentence.startswith(f"the file {path} is damaged")
    command = f"minigan data fetch tiny --data-dir {tmp_path}"
    assert sentence.endswith(f"; download it again with: {command}")


def test_with_the_environment_variable_the_command_needs_no_option(entry, tmp_path, monkeypatch):
    monkeypatch.setenv(paths.VARIABLE, str(tmp_path))
    assert len(mnist.load(entry, None)[2]) == 4
    (tmp_path / "c").write_bytes(b"")
    with pytest.raises(UserError, match=r"; download it again with: minigan data fetch tiny$"):
        mnist.load(entry, None)
