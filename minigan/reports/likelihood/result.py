"""The score of samples with its baselines, as text and as JSON, and its warnings.

A warning names each deviation from the protocol, and each case in which a high score does not mean
good samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from minigan.evaluation.baselines import Baseline
from minigan.evaluation.protocol import SAMPLES, Score

SCALE = 1 / 2  # of the range of the images: a smaller range of the samples gives a warning
CHANCE = 2  # standard errors above the perfect model from which a warning is given


@dataclass(frozen=True)
class Estimate:
    """The score of one set of samples, with baselines.

    `score` uses the paper's grid of sigma and `refined`, if computed, a finer grid. `lowest` and
    `highest` are the smallest and largest pixel value of the samples. `distinct` is the number of
    distinct samples. `notes` say how the samples were read. `range_of_images` is the smallest and
    largest pixel value of the test images.
    """

    data: str
    source: str
    score: Score
    refined: Score | None
    baselines: tuple[Baseline, ...]
    lowest: float
    highest: float
    distinct: int
    notes: tuple[str, ...] = ()
    range_of_images: tuple[float, float] = (0.0, 1.0)

    @property
    def perfect(self) -> Baseline | None:
        """The baseline of 10,000 training images, or None if the data set has fewer."""
        images = (
            baseline for baseline in self.baselines if baseline.name.endswith("training images")
        )
        return next((baseline for baseline in images if baseline.centres == SAMPLES), None)

    def warnings(self) -> list[str]:
        """One sentence for each reason why the score is not comparable or not meaningful."""
        return list(_warnings(self))

    def to_json(self) -> dict[str, Any]:
        """All fields and the warnings as a JSON object. All likelihoods are in nats."""
        fields = asdict(self)
        fields["rungs"] = fields.pop("baselines")  # the key of this file format
        del fields["notes"], fields["range_of_images"]  # they are a part of the warnings
        return {**fields, "warnings": self.warnings()}

    def __str__(self) -> str:
        """The score, the baselines and the warnings, one per line."""
        return "\n".join(
            [*_scores(self), "", *_baselines(self), *map("\nwarning: {}".format, self.warnings())]
        )


def _warnings(found: Estimate) -> Iterator[str]:
    by_grid, N, images = found.score, found.score.N, found.range_of_images
    yield from found.notes
    if N > SAMPLES:
        yield (
            f"{N:,} samples are more than the {SAMPLES:,} of the protocol: more samples give a "
            "higher score"
        )
    if N < SAMPLES:
        yield (
            f"{N:,} samples are fewer than the {SAMPLES:,} of the protocol: fewer samples give a "
            "lower score"
        )
    if found.lowest < 0 or found.highest > 1:
        yield (
            f"the pixel values of the samples are between {found.lowest:.3g} and "
            f"{found.highest:.3g}, but those of the images are between 0 and 1: rescale the samples"
        )
    elif found.highest - found.lowest < SCALE * (images[1] - images[0]):
        yield (
            f"the pixel values of the samples are between {found.lowest:.3g} and "
            f"{found.highest:.3g}, less than half of the range of the images, {images[0]:.3g} to "
            f"{images[1]:.3g}: if the samples have another scale, rescale them"
        )
    if by_grid.choice.at_edge:
        yield (
            f"the best sigma, {by_grid.choice.sigma:.3g}, is at the edge of the grid: a sigma "
            "outside the grid could give a higher score"
        )
    if found.distinct < N:
        yield f"{N - found.distinct:,} of the {N:,} samples repeat others"
    if by_grid.tests > 1 and by_grid.error < 1e-3:
        yield (
            "the standard error is 0: all test images have the same log-likelihood, as where they "
            "equal each other or all occur among the samples"
        )
    perfect = found.perfect
    if perfect and perfect.LL + CHANCE * math.hypot(by_grid.error, perfect.error) < by_grid.LL:
        yield (
            f"the score is higher than that of {perfect.name}, the perfect model: the Parzen "
            "estimate rewards smooth samples, as it does for 1,000 centres of k-means"
        )


def _scores(found: Estimate) -> Iterator[str]:
    by_grid = found.score
    yield f"log-likelihood of {by_grid.tests:,} test images of {found.data} under {found.source}"
    yield ""
    scores = (("sigma from the paper's grid", by_grid), ("sigma from a finer grid", found.refined))
    for name, one in scores:
        if one:
            yield f"{name:<28}{_numbers(one)}"
    yield ""
    per_dimension = f"{by_grid.per_dimension:.4f} nats per dimension (d = {by_grid.d:,})"
    yield f"{'':<28}{by_grid.bits:.1f} bits; {per_dimension}"
    yield f"{'':<28}pixel values from {found.lowest:.3g} to {found.highest:.3g}"


def _numbers(one: Score) -> str:
    return f"{one.LL:9.1f} ± {one.error:.1f} nats   sigma {one.choice.sigma:.4f}"


def _baselines(found: Estimate) -> Iterator[str]:
    for baseline in found.baselines:
        name = f"{baseline.name}{' (perfect model)' if baseline is found.perfect else ''}"
        numbers = f"{baseline.LL:9.1f} ± {baseline.error:.1f} nats   sigma {baseline.sigma:.4f}"
        yield f"{name:<42}{numbers}"
