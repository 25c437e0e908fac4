"""The catalogue has the names, sizes and checksums that the publishers of the data sets give."""

from __future__ import annotations

import pytest

from minigan.data.catalogue import CATALOGUE, CIFAR_10, FASHION_MNIST, MNIST, DataFile

# Printed by md5sum for the uncompressed files: training images, labels, test images, labels.
MD5 = {
    "mnist": """
        6bbc9ace898e44ae57da46a324031adb a25bea736e30d166cdddb491f175f624
        2646ac647ad5339dbf082846283269ea 27ae3e4e09519cfbb04c329615203637""",
    "fashion-mnist": """
        f4a8712d7a061bf5bd6d2ca38dc4d50a 9018921c3c673c538a1fc5bad174d6f9
        8181f5470baa50b63fa0f6fddb340f0a 15d484375f8d13e6eb1aabb0c3f46965""",
    "cifar-10": """
        5dd7e06a14cb22eb9f671a540d1b7c25 5ea93a67294ea407fff1d09f752e9692
        942cd6a4bcdd0dd3c604fbe906cb4421 ae636b3ba5c66a11e91e8cb52e771fcb
        53f37980c15c3d472c316c40844f3f0d 803d5f7f4d78ea53de84dbe85f74fb6d""",
}
# The sizes of the .gz files on the publishers' pages, in bytes.
COMPRESSED = {
    "mnist": (9912422, 28881, 1648877, 4542),
    "fashion-mnist": (26421880, 29515, 4422102, 5148),
    "cifar-10": (170052171,),
}


def test_the_names_are_those_of_the_command_line():
    assert {"mnist": MNIST, "fashion-mnist": FASHION_MNIST, "cifar-10": CIFAR_10} == CATALOGUE
    assert [entry.name for entry in CATALOGUE.values()] == list(CATALOGUE)


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_a_data_set_has_the_four_files_of_mnist_with_their_shapes_and_sizes(name):
    entry = CATALOGUE[name]
    assert [(file.name, file.shape, file.size) for file in entry.files] == [
        ("train-images-idx3-ubyte", (60000, 28, 28), 47040016),
        ("train-labels-idx1-ubyte", (60000,), 60008),
        ("t10k-images-idx3-ubyte", (10000, 28, 28), 7840016),
        ("t10k-labels-idx1-ubyte", (10000,), 10008),
    ]
    assert entry.files == (
        entry.train_images,
        entry.train_labels,
        entry.test_images,
        entry.test_labels,
    )


def test_cifar_10_has_six_files_in_one_archive_and_needs_no_test_file():
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    assert [(file.name, file.size) for file in CIFAR_10.files] == [
        (name, 30_730_000) for name in names
    ]
    assert CIFAR_10.optional == CIFAR_10.files[5:]
    assert [(file.download, file.size) for file in CIFAR_10.downloads] == [
        ("cifar-10-binary.tar.gz", 170_052_171)
    ]


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_checksums_are_those_of_the_uncompressed_files(name):
    assert [file.md5 for file in CATALOGUE[name].files] == MD5[name].split()


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_megabytes_are_those_of_the_compressed_files(name):
    assert CATALOGUE[name].megabytes == round(sum(COMPRESSED[name]) / 1e6, 1)


@pytest.mark.parametrize("name", CATALOGUE)
def test_there_are_several_mirrors_that_end_in_a_slash_with_https_first(name):
    mirrors = CATALOGUE[name].mirrors
    assert len(set(mirrors)) >= 2
    assert all(mirror.endswith("/") for mirror in mirrors)
    schemes = [mirror.split("://")[0] for mirror in mirrors]
    assert schemes == sorted(schemes, reverse=True)
    assert schemes[0] == "https"
    assert set(schemes) <= {"https", "http"}


def test_the_licences():
    assert (MNIST.licence, FASHION_MNIST.licence) == ("CC BY-SA 3.0", "MIT")


def test_the_size_of_a_file_includes_header_and_content():
    assert DataFile("", (2, 3, 4), "").size == 4 + 3 * 4 + 24
    assert DataFile("", (5,), "").size == 4 + 4 + 5
