"""The catalogue of data sets that can be downloaded: their files, checksums and mirrors.

MNIST and Fashion-MNIST have four IDX files each, with the same names and shapes:

    train-images-idx3-ubyte  (60000, 28, 28)    train-labels-idx1-ubyte  (60000,)
    t10k-images-idx3-ubyte   (10000, 28, 28)    t10k-labels-idx1-ubyte   (10000,)
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class DataFile:
    """One IDX file of unsigned bytes: its `name` without .gz, its `shape`, its `md5` checksum.

    The checksum is that of the uncompressed file, including the header: one content can be
    compressed to many different .gz files. MD5 is the checksum that the publishers of the data sets
    give. It detects a damaged or a wrong file, but it does not protect against a forged one.
    """

    name: str
    shape: tuple[int, ...]
    md5: str

    @property
    def size(self) -> int:
        """Bytes of the uncompressed file: magic number, one size per dimension, content."""
        return 4 + 4 * len(self.shape) + math.prod(self.shape)


@dataclass(frozen=True)
class CatalogueEntry:
    """One data set: its `name` on the command line, its `title`, its `licence`.

    `files` are the training images and labels, then the test images and labels. `megabytes` is the
    total size of the four .gz files, in 10^6 bytes. The URL of a file is mirror + name + ".gz".
    Mirrors with https come first.
    """

    name: str
    title: str
    licence: str
    megabytes: float
    files: tuple[DataFile, DataFile, DataFile, DataFile]
    mirrors: tuple[str, ...]

    @property
    def train_images(self) -> DataFile:
        """The images of the training and validation splits."""
        return self.files[0]

    @property
    def train_labels(self) -> DataFile:
        """The labels of the training and validation splits."""
        return self.files[1]

    @property
    def test_images(self) -> DataFile:
        """The images of the test split."""
        return self.files[2]

    @property
    def test_labels(self) -> DataFile:
        """The labels of the test split."""
        return self.files[3]


def _files(*md5: str) -> tuple[DataFile, DataFile, DataFile, DataFile]:
    """The four files of a data set in MNIST's format, with these checksums."""
    return (
        DataFile("train-images-idx3-ubyte", (60000, 28, 28), md5[0]),
        DataFile("train-labels-idx1-ubyte", (60000,), md5[1]),
        DataFile("t10k-images-idx3-ubyte", (10000, 28, 28), md5[2]),
        DataFile("t10k-labels-idx1-ubyte", (10000,), md5[3]),
    )


MNIST = CatalogueEntry(
    name="mnist",
    title="MNIST handwritten digits (Y. LeCun, C. Cortes, C. Burges)",
    licence="CC BY-SA 3.0",
    megabytes=11.6,
    files=_files(
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ),
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/dataset/mnist/",
    ),
)

FASHION_MNIST = CatalogueEntry(
    name="fashion-mnist",
    title="Fashion-MNIST articles of clothing (H. Xiao, K. Rasul, R. Vollgraf)",
    licence="MIT",
    megabytes=30.9,
    files=_files(
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "9018921c3c673c538a1fc5bad174d6f9",
        "8181f5470baa50b63fa0f6fddb340f0a",
        "15d484375f8d13e6eb1aabb0c3f46965",
    ),
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
)

CATALOGUE = {entry.name: entry for entry in (MNIST, FASHION_MNIST)}
