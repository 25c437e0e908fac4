"""Load MNIST and Fashion-MNIST, with the split of the paper's authors.

    training     images 0..49,999 of the training file
    validation   images 50,000..59,999 of the training file
    test         the 10,000 images of the test file

This is the split of the authors' published MNIST configuration. For a data set in the same format
with N training images, the last N // 6 of them are the validation split. Labels need no check of
their own, because the checksum of the file covers them.
"""

from __future__ import annotations

from pathlib import Path

from minigan.data import idx, paths
from minigan.data.catalogue import CatalogueEntry, DataFile
from minigan.data.images import Images


def load(entry: CatalogueEntry, data_dir: Path | None) -> tuple[Images, Images, Images]:
    """(training, validation, test): pixels (N, 784) uint8 from 0 to 255, labels (N,) uint8.

    `paths.find` lists the folders that are searched. Raises UserError if the data set is not found,
    or if a file is not identical to the original. The message contains the download command.
    """
    folder, remedy = paths.required_folder(entry, data_dir)

    def images(pixels: DataFile, labels: DataFile) -> Images:
        count, height, width = pixels.shape
        return Images(
            idx.read(paths.path_of(folder, pixels), pixels, remedy).reshape(count, height * width),
            idx.read(paths.path_of(folder, labels), labels, remedy),
            white=255,
            height=height,
            width=width,
        )

    both = images(entry.train_images, entry.train_labels)
    first = len(both) - len(both) // 6
    return both[:first], both[first:], images(entry.test_images, entry.test_labels)
