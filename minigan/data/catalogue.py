"""The catalogue of data sets that can be downloaded: their files, checksums and mirrors.

MNIST and Fashion-MNIST have four IDX files each, with the same names and shapes:

    train-images-idx3-ubyte  (60000, 28, 28)    train-labels-idx1-ubyte  (60000,)
    t10k-images-idx3-ubyte   (10000, 28, 28)    t10k-labels-idx1-ubyte   (10000,)

CIFAR-10 has six files without a header, in one archive. A row is one label and 3,072 pixels:

    data_batch_1.bin to data_batch_5.bin, test_batch.bin  (10000, 3073)
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class DataFile:
    """One file of unsigned bytes: its `name` without .gz, its `shape`, its `md5` checksum.

    It begins with the header of an IDX file, unless `header` is False. The checksum is that of the
    uncompressed file, including the header: one content can be compressed to many different .gz
    files. MD5 is the checksum that the publishers of the data sets give. It detects a damaged or a
    wrong file, but it does not protect against a forged one.
    """

    name: str
    shape: tuple[int, ...]
    md5: str
    header: bool = True

    @property
    def size(self) -> int:
        """Bytes of the uncompressed file: magic number, one size per dimension, content."""
        return (4 + 4 * len(self.shape) if self.header else 0) + math.prod(self.shape)

    @property
    def download(self) -> str:
        """The name of the file on a mirror."""
        return f"{self.name}.gz"


@dataclass(frozen=True)
class Archive:
    """A .tar.gz file with all files of a data set: its `name`, its `size` and `md5` as published.

    The checksum is that of the compressed file, so an archive is trusted before it is unpacked.
    """

    name: str
    size: int
    md5: str

    @property
    def download(self) -> str:
        """The name of the file on a mirror."""
        return self.name


@dataclass(frozen=True)
class CatalogueEntry:
    """One data set: its `name` on the command line, its `title`, its `licence`.

    `files` are the training images and labels, then the test images and labels. `megabytes` is the
    total size of the download, in 10^6 bytes. The URL of a file is mirror + name + ".gz". Mirrors
    with https come first. Where there is an `archive`, it is downloaded instead of the files;
    `folder` is its folder. The files in `optional` may be absent.
    """

    name: str
    title: str
    licence: str
    megabytes: float
    files: tuple[DataFile, ...]
    mirrors: tuple[str, ...]
    archive: Archive | None = None
    folder: str = ""
    optional: tuple[DataFile, ...] = ()

    @property
    def downloads(self) -> tuple[DataFile | Archive, ...]:
        """What is downloaded: the archive, or each file."""
        return (self.archive,) if self.archive else self.files

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

_BATCHES = tuple(
    DataFile(f"{name}.bin", (10000, 3073), md5, header=False)
    for name, md5 in (
        ("data_batch_1", "5dd7e06a14cb22eb9f671a540d1b7c25"),
        ("data_batch_2", "5ea93a67294ea407fff1d09f752e9692"),
        ("data_batch_3", "942cd6a4bcdd0dd3c604fbe906cb4421"),
        ("data_batch_4", "ae636b3ba5c66a11e91e8cb52e771fcb"),
        ("data_batch_5", "53f37980c15c3d472c316c40844f3f0d"),
        ("test_batch", "803d5f7f4d78ea53de84dbe85f74fb6d"),
    )
)

CIFAR_10 = CatalogueEntry(
    name="cifar-10",
    title="CIFAR-10 colour images (A. Krizhevsky, 2009)",
    licence="no licence stated by the publisher",
    megabytes=170.1,
    files=_BATCHES,
    mirrors=(
        "https://www.cs.toronto.edu/~kriz/",
        "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/",
    ),
    archive=Archive("cifar-10-binary.tar.gz", 170_052_171, "c32a1d4ab5d03f1284b67883e8d87530"),
    folder="cifar-10-batches-bin",
    optional=_BATCHES[5:],
)

CATALOGUE = {entry.name: entry for entry in (MNIST, FASHION_MNIST, CIFAR_10)}
