"""Load the Toronto Face Database from TFD_48x48.mat: images, five folds, expressions.

    images    (N, 48, 48)   grey, 0 to 255
    folds     (N, 5)        for each fold: 0 unlabelled, 1 training, 2 validation, 3 test
    labs_ex   (N, 1)        expression: 1 anger, 2 disgust, 3 fear, 4 happiness, 5 sadness,
                            6 surprise, 7 neutral; -1 unlabelled
    labs_id   (N, 1)        person; -1 unknown

The paper trains on the unlabelled images of the first fold, and scores the validation and the test
images of all folds. The database may not be redistributed, so there is no download; `write` writes
synthetic faces in the same format, with which everything can be run. SciPy reads and writes the
format: the extra `tfd`. Memory: 2,304 bytes per image, and the file once more while it is read.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.data import faces, paths
from minigan.data.faces import SIDE
from minigan.data.images import Images
from minigan.errors import UserError
from minigan.system.files import write_atomically
from minigan.system.install import install_command
from minigan.system.reading import read_whole
from minigan.system.text import command

NAME = "TFD_48x48.mat"
FOLDS = 5
UNLABELLED, TRAINING, VALIDATION, TEST = range(4)
LARGEST = 2**31  # bytes of a file that is read; the database has 0.24 GB
PARTS = (0.7, 0.1, 0.2)  # of the labelled images of a fold: training, validation, test
ARRAYS = {"images": "(N, 48, 48)", "folds": "(N, 5)", "labs_ex": "(N, 1)"}


@dataclass(frozen=True)
class FaceDatabase:
    """`pixels` (N, 2304) uint8, `folds` (N, 5), `expressions` (N,) from 0 to 6, or -1."""

    pixels: Array
    folds: Array
    expressions: Array

    @property
    def unlabelled(self) -> Images:
        """The images without a label in the first fold; their labels are 0."""
        rows = self.folds[:, 0] == UNLABELLED
        count = int(rows.sum())
        return Images(self.pixels[rows], np.zeros(count, np.int64), 255, SIDE, SIDE)

    def part(self, fold: int, part: int) -> Images:
        """The images of TRAINING, VALIDATION or TEST in a fold from 0 to 4."""
        rows = self.folds[:, fold] == part
        return faces.images_of(self.pixels[rows], self.expressions[rows])


def load(data_dir: Path | None) -> tuple[Images, Images, Images]:
    """(training, validation, test): the unlabelled images; those of the first fold.

    Raises UserError if the file is not found or is not a file of this format.
    """
    found = database(data_dir)
    return found.unlabelled, found.part(0, VALIDATION), found.part(0, TEST)


def database(data_dir: Path | None) -> FaceDatabase:
    """The database in DIR/tfd or DIR, for --data-dir DIR or MINIGAN_DATA, or else in the cache."""
    folders = paths.folders_of("tfd", data_dir)
    for folder in folders:
        if os.path.exists(folder / NAME):
            return read(folder / NAME)
    searched = ", ".join(str(folder / NAME) for folder in folders) or "no folder"
    draw = command("data", "faces", data_dir or "DIR")
    raise UserError(
        f"tfd was not found (searched for {searched}): the Toronto Face Database has no public "
        "download; give the folder of your copy with --data-dir DIR, or draw synthetic faces in "
        f"its format with: {draw}"
    )


def read(path: Path) -> FaceDatabase:
    """The database in a file. Raises UserError if the file cannot be read or has other content."""
    io_module = _scipy_io()
    try:
        content = io.BytesIO(read_whole(path, LARGEST))
    except OSError as error:
        raise UserError(f"the file {path} cannot be read: {error.strerror}") from None
    try:
        arrays: Mapping[str, Any] = io_module.loadmat(content, variable_names=[*ARRAYS])
    except NotImplementedError:
        raise UserError(
            f"{path} is in the format of MATLAB 7.3: save it again with save -v7"
        ) from None
    except Exception as error:  # a damaged file: SciPy raises errors of many kinds
        raise UserError(f"{path} is damaged or is not a MATLAB file: {error}") from None
    return _checked(path, arrays)


def write(path: Path, unlabelled: int = 3_000, labelled: int = 1_000) -> None:
    """Write synthetic faces in the format of the database.

    In each fold, no person is in two of the parts training, validation and test, and each labelled
    image is a test image of one fold. The unlabelled images show the same people.
    """
    of_train = faces.draw_faces(unlabelled, "train")
    of_folds = faces.draw_faces(labelled, "folds")
    people = np.arange(faces.PEOPLE)
    folds = np.zeros((unlabelled + labelled, FOLDS), np.uint8)
    for fold in range(FOLDS):
        # The test people of the folds are disjoint. One eighth of the others is for validation.
        turned = (people - fold * faces.PEOPLE // FOLDS) % faces.PEOPLE
        _, validation, test = (round(share * faces.PEOPLE) for share in PARTS)
        part = np.where(
            turned < test, TEST, np.where(turned < test + validation, VALIDATION, TRAINING)
        )
        folds[unlabelled:, fold] = part[of_folds.people]
    pixels = np.concatenate([of_train.pixels, of_folds.pixels])
    unknown = np.full(unlabelled, -1)
    arrays = {
        "images": pixels.reshape(-1, SIDE, SIDE),
        "folds": folds,
        "labs_ex": np.concatenate([unknown, of_folds.expressions + 1])[:, None].astype(np.int16),
        "labs_id": np.concatenate([unknown, of_folds.people + 1])[:, None].astype(np.int16),
    }
    file = io.BytesIO()
    _scipy_io().savemat(file, arrays, do_compression=True)
    write_atomically(path, file.getvalue())


def _checked(path: Path, arrays: Mapping[str, Any]) -> FaceDatabase:
    """The arrays of a file as a database. Raises UserError for a missing or invalid one."""
    for name, shape in ARRAYS.items():
        if not isinstance(arrays.get(name), np.ndarray):
            raise UserError(
                f"{path} has no array {name} {shape}: it is not the {SIDE} x {SIDE} TFD"
            )
    images, folds, labels = (arrays[name] for name in ARRAYS)
    N = len(images)
    expected = (N, SIDE, SIDE), (N, FOLDS), (N, 1)
    for array, sizes, name in zip((images, folds, labels), expected, ARRAYS, strict=True):
        if array.shape != sizes or array.dtype.kind not in "uif":
            raise UserError(
                f"{name} in {path} has the shape {array.shape} and the type {array.dtype}, not "
                f"{ARRAYS[name]} with numbers"
            )
    for array, low, high, name in (
        (images, 0, 255, "images"),
        (folds, 0, 3, "folds"),
        (labels, -1, len(faces.EXPRESSIONS), "labs_ex"),
    ):
        if not (N and np.isin(np.unique(array), np.arange(low, high + 1)).all()):
            raise UserError(f"{name} in {path} must be whole numbers from {low} to {high}")
    expressions = np.maximum(labels[:, 0].astype(np.int64) - 1, -1)
    for fold in range(FOLDS):
        has_label = folds[:, fold] != UNLABELLED
        if (expressions[has_label] < 0).any():
            raise UserError(f"{path} has images without an expression in fold {fold + 1}")
        for part in (TRAINING, VALIDATION, TEST):
            if not (folds[:, fold] == part).any():
                raise UserError(f"{path} has no images of part {part} in fold {fold + 1}")
    if not (folds[:, 0] == UNLABELLED).any():
        raise UserError(f"{path} has no unlabelled images (folds = 0), on which the paper trains")
    pixels = images.reshape(N, SIDE * SIDE).astype(np.uint8)
    return FaceDatabase(pixels, folds.astype(np.uint8), expressions)


def _scipy_io() -> ModuleType:
    """scipy.io. Raises UserError if SciPy is missing."""
    try:
        import scipy.io
    except ImportError:
        raise UserError(f"the data set tfd needs SciPy: {install_command('tfd')}") from None
    module: ModuleType = scipy.io
    return module
