"""Samples that are scored: those of a run, drawn from a checkpoint, or those of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.evaluation import external
from minigan.evaluation.parzen import SampleRows
from minigan.training import sampling


@dataclass(frozen=True)
class Source:
    """Samples (N, d), a description of their origin, and notes on how they were read."""

    samples: SampleRows
    description: str
    notes: tuple[str, ...] = ()


def of_run(
    path: Path,
    which: str,
    count: int,
    seed: int,
    averaged: bool = True,
    state: Mapping[str, Array] | None = None,
) -> Source:
    """Draws `count` samples of a run, the same as `minigan sample` with this seed.

    If the recipe uses an average of theta_g, averaged=False selects theta_g itself. `state` has the
    arrays of the checkpoint, if they have been read already. Raises UserError if the checkpoint
    cannot be loaded.
    """
    samples, classes = sampling.samples_of_run(path, which, count, seed, averaged, state)
    details = f"{which} checkpoint{'' if averaged else ', theta_g without average'}, seed {seed}"
    if classes:
        details += ", all classes equally often"
    return Source(samples, f"{count:,} samples of {path} ({details})")


def of_file(path: Path, data: DataSet) -> Source:
    """Reads external samples of the size of the data set's images.

    Raises UserError if they cannot be read or have another size.
    """
    notes: list[str] = []
    samples = external.read(path, image_shape(data), notes.append)
    return Source(samples, f"{len(samples):,} samples of {path}", tuple(notes))


def image_shape(data: DataSet) -> tuple[int, int, int]:
    """Height, width and channels of the images of a data set. Raises UserError for points."""
    if not isinstance(data.train, Images):
        raise UserError(f"{data.name} contains points: the Parzen score needs a data set of images")
    height, width, channels = data.shape
    return height, width, channels
