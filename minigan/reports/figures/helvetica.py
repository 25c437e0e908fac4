"""The Helvetica scenario, seen: the same game with one step on G per step on D, and with ten.

    upper row     the recipe toy: samples spread over the ring, and all modes are found
    lower row     the recipe helvetica: all samples lie in one place, which D learns; then they jump

Both are really played, from the same seed; a column shows both after as many iterations, as 1,000
samples (orange) over data (blue). Section 6 of the paper warns of it; the pictures are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from minigan.arrays import Array
from minigan.backends import open_backend
from minigan.data.points import Points
from minigan.errors import UserError
from minigan.evaluation.modes import Covered, covered
from minigan.evaluation.quality import N_SAMPLES
from minigan.system.files import replacing
from minigan.training import pictures, recipes
from minigan.training.experiment import Experiment
from minigan.training.pictures.scatter import scatter
from minigan.training.progress import Progress

RECIPES = ("toy", "helvetica")
EVERY, FRAMES = 150, 8  # iterations between two frames
SIDE, GAP, GREY = 160, 4, 64
EXTENT = (-4.5, 4.5, -4.5, 4.5)  # wider than the data: samples that collapse often lie outside


@dataclass(frozen=True)
class HelveticaSheets:
    """How many of the `of` modes the samples reach in each frame, row by row."""

    iterations: tuple[int, ...]
    of: int
    toy: tuple[int, ...]
    helvetica: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {**asdict(self), "sentences": str(self)}

    def __str__(self) -> str:
        """One line for people for each row."""
        return "\n".join(
            f"{name:<10} {' '.join(map(str, found))} of {self.of} modes found, "
            f"after {self.iterations[0]} to {self.iterations[-1]} iterations"
            for name, found in zip(RECIPES, (self.toy, self.helvetica), strict=True)
        )


def draw(out: Path, seed: int, quiet: bool) -> HelveticaSheets:
    """Play both games, some twenty seconds on one core, and write the picture to `out`, a .png.

    Raises UserError where the name ends otherwise, OSError where the file cannot be written.
    """
    if out.suffix.lower() != ".png":
        raise UserError(f"{out} must end in .png")
    with replacing(out) as file:  # first, so that a wrong folder is told at once
        with Progress(len(RECIPES) * FRAMES * EVERY, quiet) as progress:
            rows = [list(played(name, seed, progress)) for name in RECIPES]
        file.write(pictures.png(assembled([[frame for frame, _ in row] for row in rows])))
    toy, helvetica = (tuple(judged.found for _, judged in row) for row in rows)
    iterations = tuple(EVERY * (i + 1) for i in range(FRAMES))
    return HelveticaSheets(iterations, rows[0][0][1].modes, toy, helvetica)


def played(name: str, seed: int, progress: Progress) -> Iterator[tuple[Array, Covered]]:
    """The frames of a recipe's game on points, each with the modes that its samples reach."""
    experiment = Experiment.begin(recipes.load(name), seed, open_backend("cpu"))
    data = experiment.data.validation
    assert isinstance(data, Points)
    for frame in range(FRAMES):
        with threadpool_limits(experiment.recipe.training.blas_threads, user_api="blas"):
            for t in range(frame * EVERY, (frame + 1) * EVERY):
                experiment.iterate(t)
                progress.advance(None)
        samples = experiment.samples(N_SAMPLES)
        yield scatter(samples, data.all(), SIDE, EXTENT), covered(samples, data.mixture)


def assembled(rows: Sequence[Sequence[Array]]) -> Array:
    """Frames (SIDE, SIDE, 3) row by row as one picture, with grey gaps between and around them."""
    step = SIDE + GAP
    shape = (len(rows) * step + GAP, len(rows[0]) * step + GAP, 3)
    picture = np.full(shape, GREY, dtype=np.uint8)
    for i, row in enumerate(rows):
        for j, frame in enumerate(row):
            top, left = i * step + GAP, j * step + GAP
            picture[top : top + SIDE, left : left + SIDE] = frame
    return picture
