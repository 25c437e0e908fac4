"""The catalogue has the names, sizes and checksums that the publishers of the data sets give."""

from __future__ import annotations

import pytest

from minigan.data.catalogue import CATALOGUE, FASHION_MNIST, MNIST, DataFile

# Printed by md5sum for the uncompressed files: training images, labels, test images, labels.
MD5 = {
    "mnist": """
        6bbc9ace898e44ae57da46a324031adb a25bea736e30d166cdddb491f175f624
        2646ac647ad5339dbf082846283269ea 27ae3e4e09519cfbb04c329615203637""",
    "fashion-mnist": """
        f4a8712d7a061bf5bd6d2ca38dc4d50a 9018921c3c673c538a1fc5bad174d6f9
        8181f5470baa50b63fa0f6fddb340f0a 15d484375f8d13e6eb1aabb0c3f46965""",
}
# The sizes of the .gz files on the publishers' pages, in bytes.
COMPRESSED = {
    "mnist": (9912422, 28881, 1648877, 4542),
    "fashion-mnist": (26421880, 29515, 4422102, 5148),
}


def test_the_names_are_those_of_the_command_line():
    assert {"mnist": MNIST, "fashion-mnist": FASHION_MNIST} == CATALOGUE
    assert [entry.name for entry in CATALOGUE.values()] == list(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
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
