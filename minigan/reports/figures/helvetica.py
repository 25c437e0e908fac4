"""Picture of the Helvetica scenario: ten G steps per D step, without and with a penalty on D.

    first row     recipe toy: one G step per D step; the samples reach all modes
    second row    recipe helvetica: ten G steps per D step; the samples collapse to one region and
                  move to another one when D has learnt to reject it
    third row     the same with the penalty R1 + R2 on D, which the paper does not have

All runs use the same seed. Each column shows them after the same number of iterations, as
1,000 samples (orange) over data (blue). Section 6 of the paper describes this failure but has no
picture of it.
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
from minigan.evaluation.modes import ModeCoverage, mode_coverage
from minigan.evaluation.quality import N_SAMPLES
from minigan.system.files import replacing
from minigan.training import pictures, recipes
from minigan.training.experiment import Experiment
from minigan.training.pictures.scatter import scatter
from minigan.training.progress import Progress

ROWS = {
    "toy": ("toy", ()),
    "helvetica": ("helvetica", ()),
    "penalty": (
        "helvetica",
        ("discriminator.penalty=R1R2", "discriminator.penalty_weight=1.0"),
    ),
}
EVERY, FRAMES = 150, 8  # iterations between two frames, number of frames
SIDE, GAP, GREY = 160, 4, 64  # pixels, pixels, grey level
EXTENT = (-4.5, 4.5, -4.5, 4.5)  # larger than the data, because collapsed samples can be outside


@dataclass(frozen=True)
class HelveticaSheets:
    """The number of modes, out of `of`, that the samples reach in each frame of the rows."""

    iterations: tuple[int, ...]
    of: int
    toy: tuple[int, ...]
    helvetica: tuple[int, ...]
    penalty: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """All fields and the text as a JSON object."""
        return {**asdict(self), "sentences": str(self)}

    def __str__(self) -> str:
        """One line of text for each row."""
        return "\n".join(
            f"{name:<10} {' '.join(map(str, found))} of {self.of} modes found, "
            f"after {self.iterations[0]} to {self.iterations[-1]} iterations"
            for name, found in zip(ROWS, (self.toy, self.helvetica, self.penalty), strict=True)
        )


def draw(out: Path, seed: int, quiet: bool) -> HelveticaSheets:
    """Trains the three runs and writes the picture to `out`, a .png file.

    This takes about 40 seconds on one core. Raises UserError if the suffix is wrong, OSError if the
    file cannot be written.
    """
    if out.suffix.lower() != ".png":
        raise UserError(f"{out} must end in .png")
    with replacing(out) as file:  # opened first, so that a wrong folder is reported immediately
        with Progress(len(ROWS) * FRAMES * EVERY, quiet) as progress:
            rows = [
                list(frames_of_run(name, changes, seed, progress))
                for name, changes in ROWS.values()
            ]
        file.write(pictures.png(tiled([[frame for frame, _ in row] for row in rows])))
    toy, helvetica, penalty = (tuple(coverage.found for _, coverage in row) for row in rows)
    iterations = tuple(EVERY * (i + 1) for i in range(FRAMES))
    return HelveticaSheets(iterations, rows[0][0][1].modes, toy, helvetica, penalty)


def frames_of_run(
    name: str, changes: Sequence[str], seed: int, progress: Progress
) -> Iterator[tuple[Array, ModeCoverage]]:
    """Trains a recipe on points; yields each frame with the mode coverage of its samples."""
    experiment = Experiment.begin(recipes.load(name, changes), seed, open_backend("cpu"))
    data = experiment.data.validation
    assert isinstance(data, Points)
    for frame in range(FRAMES):
        with threadpool_limits(experiment.recipe.training.blas_threads, user_api="blas"):
            for t in range(frame * EVERY, (frame + 1) * EVERY):
                experiment.iterate(t)
                progress.advance(None)
        samples = experiment.samples(N_SAMPLES)
        yield scatter(samples, data.all(), SIDE, EXTENT), mode_coverage(samples, data.mixture)


def tiled(rows: Sequence[Sequence[Array]]) -> Array:
    """Rows of frames (SIDE, SIDE, 3) as one picture, with grey gaps between and around them."""
    step = SIDE + GAP
    shape = (len(rows) * step + GAP, len(rows[0]) * step + GAP, 3)
    picture = np.full(shape, GREY, dtype=np.uint8)
    for i, row in enumerate(rows):
        for j, frame in enumerate(row):
            top, left = i * step + GAP, j * step + GAP
            picture[top : top + SIDE, left : left + SIDE] = frame
    return picture
