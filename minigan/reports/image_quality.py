"""The image statistics of a run: its samples beside training images and simple baselines.

Code of the numbers: `minigan.evaluation.image_statistics`. Only the first 10,000 training images
and 1,000 images of each set are used, which bounds the time to about a minute for CIFAR-10.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minigan.data.images import Images
from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.evaluation.image_statistics import (
    SIZE,
    ImageStatistics,
    baselines,
    image_statistics,
)
from minigan.training.relatives.loading import trains_a_relative
from minigan.training.sampling import samples_of_run

TRAIN = 10_000  # largest number of training images
HEADINGS = ("nearest", "Frechet", "components", "slope")


@dataclass(frozen=True)
class ImageQuality:
    """The rows of the table, the number of images in each set and the number of references."""

    data: str
    count: int
    train: int
    rows: tuple[ImageStatistics, ...]

    def to_json(self) -> dict[str, Any]:
        """All fields as a JSON object; a number that is not defined is null."""

        def plain(row: ImageStatistics) -> dict[str, Any]:
            values = asdict(row).items()
            return {key: None if value != value else value for key, value in values}

        return {**asdict(self), "rows": [plain(row) for row in self.rows]}

    def __str__(self) -> str:
        """The table, at most 80 columns wide."""
        lines = [f"{'images':<24}" + "".join(f"{heading:>13}" for heading in HEADINGS)]
        for row in self.rows:
            lines.append(f"{row.name:<24}" + "".join(f"{text:>13}" for text in row_texts(row)))
        return "\n".join(lines)


def row_texts(row: ImageStatistics) -> list[str]:
    """The four numbers of a row as texts; "-" for a number that is not defined."""
    values = (row.nearest, row.frechet, row.components, row.slope)
    return ["-" if math.isnan(value) else f"{value:.3f}" for value in values]


def quality_of_run(
    path: Path,
    data: DataSet,
    which: str = "last",
    seed: int = 0,
    log: Callable[[str], None] = lambda message: None,
) -> ImageQuality:
    """The statistics of the samples of a checkpoint. `log` is called before each set is made.

    Raises UserError if the run was not trained on images or if its samples are not finite.
    """
    if not isinstance(data.train, Images):
        raise UserError(f"{path} was not trained on images: its samples have no image statistics")
    count = min(SIZE, len(data.train) // 2)
    log(f"{count:,} samples")
    samples = samples_of_run(path, which, count, seed)[0]
    if not np.isfinite(samples).all():
        raise UserError(f"the samples of {path} are not finite: use another checkpoint")
    sets = {"samples" if trains_a_relative(path) else "samples of G": samples}
    train = data.train[:TRAIN].all()
    for name, images in baselines(train, count):
        log(name)
        sets[name] = images
    held_out = data.held_out.gather(np.arange(min(SIZE, len(data.held_out))))
    log("the statistics")
    rows = image_statistics(sets, train, held_out, data.train.shape)
    return ImageQuality(data.name, count, len(train), rows)
