"""The data sets that others publish: their files, what these must hold, and where they are.

MNIST and Fashion-MNIST are four IDX files each, of the same names and shapes:

    train-images-idx3-ubyte  (60000, 28, 28)    train-labels-idx1-ubyte  (60000,)
    t10k-images-idx3-ubyte   (10000, 28, 28)    t10k-labels-idx1-ubyte   (10000,)
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """One IDX file of unsigned bytes: its `name` without .gz, its `shape`, the `md5` of its bytes.

    The bytes are those of the plain file, header included: a .gz of the same content may be packed
    in many ways. MD5 because it is what the publishers give. It tells a damaged or a wrong file
    from the published one; it is no guard against somebody who forges a file.
    """

    name: str
    shape: tuple[int, ...]
    md5: str

    @property
    def size(self) -> int:
        """The bytes of the plain file: magic number, one number per dimension, the content."""
        return 4 + 4 * len(self.shape) + math.prod(self.shape)


@dataclass(frozen=True)
class CatalogueEntry:
    """One data set: its `name` on the command line, its `title`, its `licence`.

    `files` are the training images and labels, then the test images and labels; `megabytes`
    (10^6 bytes) is what the four .gz files of the mirrors take together; a file of the set has the
    address mirror + name + ".gz". Mirrors with https come first.
    """

    name: str
    title: str
    licence: str
    megabytes: float
    files: tuple[File, File, File, File]
    mirrors: tuple[str, ...]

    @property
    def train_images(self) -> File:
        """The images that training and validation share."""
        return self.files[0]

    @property
    def train_labels(self) -> File:
        """Their labels."""
        return self.files[1]

    @property
    def test_images(self) -> File:
        """The images of the test."""
        return self.files[2]

    @property
    def test_labels(self) -> File:
        """Their labels."""
        return self.files[3]


def _files(*md5: str) -> tuple[File, File, File, File]:
    """The four files of a set in MNIST's format, with these checksums."""
    return (
        File("train-images-idx3-ubyte", (60000, 28, 28), md5[0]),
        File("train-labels-idx1-ubyte", (60000,), md5[1]),
        File("t10k-images-idx3-ubyte", (10000, 28, 28), md5[2]),
        File("t10k-labels-idx1-ubyte", (10000,), md5[3]),
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

CATALOGUE = {published.name: published for published in (MNIST, FASHION_MNIST)}
