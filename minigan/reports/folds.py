"""The paper's log-likelihood on the Toronto Face Database: five folds, each with its own sigma.

    sigma_f = argmax over the grid of the mean log p of all validation images of fold f
    LL_f    = mean of log p over the test images of fold f, with sigma_f              nats
    LL      = mean of the five LL_f        error = their standard deviation / sqrt(5)

One G is trained, on the unlabelled images. The scores of the paper mean that the distance of a test
image to the nearest sample is about 0.1 per pixel (root mean square). The smallest sigma of the
paper's grid is 0.1, too. So the score is also computed with a grid that reaches 0.05.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.data.tfd import FOLDS, TEST, VALIDATION, FaceDatabase
from minigan.evaluation.parzen import SampleRows
from minigan.evaluation.protocol import GRID, SAMPLES, Folds, over_folds
from minigan.reports.likelihood import Source
from minigan.reports.likelihood.scoring import progress

WIDER: Array = np.geomspace(0.05, 1, 14)


@dataclass(frozen=True)
class FoldScores:
    """The scores of samples, and of up to 10,000 training images, with both grids.

    `centres` is the number of the training images.
    """

    source: str
    paper: Folds
    wider: Folds
    training_paper: Folds
    training_wider: Folds
    centres: int

    def to_json(self) -> dict[str, Any]:
        """LL and error of each row in nats, and LL and sigma of each fold."""
        return {
            "source": self.source,
            "centres": self.centres,
            **{
                name: {
                    "LL": folds.LL,
                    "error": folds.error,
                    "folds": [{"LL": one.LL, "sigma": one.choice.sigma} for one in folds.folds],
                }
                for name, folds in self._rows()
            },
            "warnings": self.warnings(),
        }

    def warnings(self) -> list[str]:
        """A sentence for a sigma at the edge of a grid and for another number of samples."""
        return list(self._warnings())

    def __str__(self) -> str:
        """The table and the warnings."""
        lines = [f"log-likelihood of the test images of five folds under {self.source}", ""]
        lines.append(f"{'':<32}{'LL':>9}          sigma of each fold")
        for name, folds in self._rows():
            sigmas = " ".join(f"{one.choice.sigma:.3f}" for one in folds.folds)
            lines.append(f"{name:<32}{folds.LL:9.1f} ± {folds.error:<6.1f} {sigmas}")
        return "\n".join([*lines, *(f"\nwarning: {one}" for one in self.warnings())])

    def _rows(self) -> Iterator[tuple[str, Folds]]:
        images = f"{self.centres:,} images"
        yield "samples, the paper's grid", self.paper
        yield "samples, a wider grid", self.wider
        yield f"{images}, the paper's grid", self.training_paper
        yield f"{images}, a wider grid", self.training_wider

    def _warnings(self) -> Iterator[str]:
        if any(one.choice.at_edge for one in self.paper.folds):
            yield "the best sigma is at the edge of the paper's grid: the wider grid decides"
        if any(one.choice.at_edge for one in self.wider.folds):
            yield "the best sigma is at the edge of the wider grid: a better one may exist"
        if self.paper.folds[0].N != SAMPLES:
            yield f"the paper uses {SAMPLES:,} samples, and these are {self.paper.folds[0].N:,}"
        if self.centres != SAMPLES:
            yield f"these {self.centres:,} training images are not the {SAMPLES:,} of the paper"


def score_folds(source: Source, data: FaceDatabase, quiet: bool = True) -> FoldScores:
    """The scores of samples on the five folds. Progress is shown on standard error unless `quiet`.

    All numbers are float64: float32 is too coarse for 2,304 pixels at these values of sigma.
    """
    folds = [
        (data.part(fold, VALIDATION).all(), data.part(fold, TEST).all()) for fold in range(FOLDS)
    ]
    images = data.unlabelled[:SAMPLES].all()
    rows = sum(len(validation) + len(test) for validation, test in folds)
    with progress(2 * rows * (len(source.samples) + len(images)), quiet) as advance:

        def scored(samples: SampleRows, sigmas: Array) -> Folds:
            options = {"dtype": np.float64, "advance": advance}
            return over_folds(lambda fold: samples, folds, sigmas, **options)

        return FoldScores(
            source.description,
            scored(source.samples, GRID),
            scored(source.samples, WIDER),
            scored(images, GRID),
            scored(images, WIDER),
            len(images),
        )
