"""The images to infer z for, or to complete: those of a run's data set, or your own pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minigan.data import image_folder
from minigan.data.contrast import NormalisedImages
from minigan.data.images import Images
from minigan.errors import UserError
from minigan.reports.run_data import data_of_run
from minigan.training.runs.directory import RunDirectory


@dataclass(frozen=True)
class Inputs:
    """Images with their names, and labelled images of the set if the images are labelled, too.

    train: the training images. neighbours: the splits in which a nearest neighbour is looked for:
    for test images training and validation images, the published 60,000 of MNIST.
    """

    images: Images
    names: tuple[str, ...]
    description: str
    train: Images | None = None
    neighbours: tuple[Images, ...] = ()

    @property
    def normalised(self) -> bool:
        """Whether the images have normalised contrast."""
        return isinstance(self.images, NormalisedImages)


def images_of_set(path: Path, data_dir: Path | None, split: str, count: int) -> Inputs:
    """The first `count` images of a split of the run's data set: train, validation or test."""
    data = data_of_run(path, data_dir)
    chosen = data.require_test() if split == "test" else getattr(data, split)
    if not isinstance(chosen, Images) or not isinstance(data.train, Images):
        raise UserError(_points(path))
    images = chosen[:count]
    labelled = len(np.unique(data.train.labels)) > 1 and split != "train"
    names = tuple(str(i) for i in range(len(images)))
    kind = {"train": "training"}.get(split, split)
    description = f"{kind} images of {data.name}"
    if not labelled:
        return Inputs(images, names, description)
    neighbours = [data.train]
    if split == "test" and isinstance(data.validation, Images):
        neighbours.append(data.validation)
    return Inputs(images, names, description, data.train, tuple(neighbours))


def images_of_files(path: Path, files: Path, note: Callable[[str], object]) -> Inputs:
    """A picture, or those of a folder, in the size of the run's images."""
    run = RunDirectory.open(path)
    shape, contrast = run.read_environment()["data"]["shape"], run.read_recipe().data.contrast
    if len(shape) != 3:
        raise UserError(_points(path))
    images, paths = image_folder.load_pictures(files, tuple(shape), note)
    if contrast:
        images = NormalisedImages(**vars(images), contrast=contrast)
    root = files if files.is_dir() else files.parent
    names = tuple(one.relative_to(root).as_posix() for one in paths)
    return Inputs(images, names, f"picture{'s' * (len(paths) != 1)} of {files}")


def _points(path: Path) -> str:
    return f"{path} was trained on points: this command needs the G of a run on images"
