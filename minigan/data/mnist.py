"""MNIST and Fashion-MNIST, split as the paper's authors split MNIST.

    training     images 0..49,999 of the training file
    validation   images 50,000..59,999, its last sixth
    test         the test file's 10,000

(published configuration for MNIST; a set in the same format of another size N is split alike: its
last N // 6 images are the validation part.) No label is checked: the checksum has checked them all.
"""

from __future__ import annotations

from pathlib import Path

from minigan.data import idx, paths
from minigan.data.catalogue import CatalogueEntry, File
from minigan.data.images import Images
from minigan.errors import UserError


def load(published: CatalogueEntry, data_dir: Path | None) -> tuple[Images, Images, Images]:
    """(training, validation, test): pixels (N, 784) uint8 from 0 to 255, labels (N,) uint8.

    Looked for as `places.find` says. Raises UserError, one sentence that says how to get the set,
    where it is missing or one of its files is not the published one.
    """
    folder = paths.find(published, data_dir)
    if folder is None:
        raise UserError(paths.missing_sentence(published, data_dir))
    remedy = f"get it again with: {paths.fetch_command(published, data_dir)}"

    def images(pixels: File, labels: File) -> Images:
        count, height, width = pixels.shape
        return Images(
            idx.read(paths.path_of(folder, pixels), pixels, remedy).reshape(count, height * width),
            idx.read(paths.path_of(folder, labels), labels, remedy),
            white=255,
            height=height,
            width=width,
        )

    both = images(published.train_images, published.train_labels)
    first = len(both) - len(both) // 6
    return both[:first], both[first:], images(published.test_images, published.test_labels)
