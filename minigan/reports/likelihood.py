"""The Parzen score of a run, or of anybody's samples, with everything that is needed to read it.

A score alone says little: it is told with its error, its sigma, the scores of things that are no
model at all (`evaluation.ladder`), and a warning wherever the protocol was not kept or the number
means something else than quality.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from tqdm import tqdm

from minigan.data import sets
from minigan.data.images import Images
from minigan.errors import UserError
from minigan.evaluation import external
from minigan.evaluation.baselines import Baseline, score_baselines
from minigan.evaluation.parzen import SampleRows
from minigan.evaluation.protocol import (
    GRID,
    SAMPLES,
    Score,
    choose,
    finer,
    score,
    validation_images,
)
from minigan.training import sampling
from minigan.training.runs.directory import RunDirectory, source_of

BLOCK = 1 << 23  # numbers of the samples that are looked through at a time
PIXELS = 4096  # up to so many, float32 keeps a hundredth of a nat
LARGEST = 1e100  # beyond it a square overflows
CHANCE = 2  # standard errors: less above the perfect model may be chance


@dataclass(frozen=True)
class Source:
    """Samples (N, d) and where they are from, in words."""

    samples: SampleRows
    words: str


@dataclass(frozen=True)
class Estimate:
    """A score by the paper's grid of sigma, perhaps one by a finer grid, and the ladder beside it.

    `lowest` and `highest` are the smallest and largest pixel of the samples, `distinct` how many
    different samples there are.
    """

    data: str
    source: str
    score: Score
    refined: Score | None
    baselines: tuple[Baseline, ...]
    lowest: float
    highest: float
    distinct: int

    @property
    def perfect(self) -> Baseline | None:
        """As many training images as the protocol has samples, where there are so many."""
        images = (
            baseline for baseline in self.baselines if baseline.name.endswith("training images")
        )
        return next((baseline for baseline in images if baseline.centres == SAMPLES), None)

    def warnings(self) -> list[str]:
        """One sentence for everything that makes the number mean something else."""
        return list(_warnings(self))

    def to_json(self) -> dict[str, Any]:
        """Everything, for machines; nats throughout."""
        found = asdict(self)
        found["rungs"] = found.pop("baselines")  # the key of this file format
        return {**found, "warnings": self.warnings()}

    def __str__(self) -> str:
        """The score, the ladder beside it, and the warnings."""
        return "\n".join(
            [*_scores(self), "", *_ladder(self), *map("\nwarning: {}".format, self.warnings())]
        )


def of_run(path: Path, which: str, count: int, seed: int, averaged: bool = True) -> Source:
    """Samples of a run's G, as `minigan sample` draws them. Raises UserError.

    With averaged=False they are of theta_g itself, where the recipe averages it.
    """
    sampler = sampling.load_sampler(path, which, averaged=averaged)
    samples = sampler.samples(sampler.noise(count, seed))
    words = f"{which} checkpoint{'' if averaged else ', theta_g itself'}, seed {seed}"
    return Source(samples, f"{count:,} samples of {path} ({words})")


def of_file(path: Path, data: sets.DataSet) -> Source:
    """Anybody's samples of the size of the data's images. Raises UserError."""
    samples = external.read(path, _shape(data))
    return Source(samples, f"{len(samples):,} samples of {path}")


def data_of_run(path: Path, data_dir: Path | None) -> sets.DataSet:
    """The data set that a run was trained on, from where it was then. Raises UserError."""
    run = RunDirectory.open(path)
    wanted, facts = run.read_recipe().data, run.read_environment()["data"]
    where = data_dir or source_of(facts)
    data = sets.load(wanted.set, where, wanted.height, wanted.width, wanted.channels)
    if data.digest != facts.get("digest"):
        raise UserError(f"the examples are not those of {path}: give their --data-dir")
    return data


def estimate(
    source: Source,
    data: sets.DataSet,
    refine: bool = False,
    beside: bool = True,
    quiet: bool = True,
) -> Estimate:
    """The score of the samples by the paper's protocol; with `beside`, the ladder too.

    Raises UserError where the data are no images, or a pixel is NaN or infinite.
    """
    _shape(data)
    lowest, highest, distinct = _looked_through(source)
    small = math.prod(data.shape) <= PIXELS and lowest >= 0 and highest <= 1
    dtype = np.float32 if small else np.float64
    validation, test = validation_images(data.validation), data.test.all()
    work = len(source.samples) * (len(validation) + len(test)) * (2 if refine else 1)
    with _progress(work, quiet) as advance:
        how = {"dtype": dtype, "advance": advance}
        choice = choose(source.samples, validation, GRID, **how)
        by_grid = score(source.samples, test, choice, **how)
        refined = None
        if refine:
            finest = choose(source.samples, validation, finer(choice), **how)
            refined = score(source.samples, test, finest, **how)
    baselines: tuple[Baseline, ...] = ()
    if beside:
        baselines = score_baselines(data.train.all(), validation, test, _cache(), _teller(quiet))
    return Estimate(data.name, source.words, by_grid, refined, baselines, lowest, highest, distinct)


def _looked_through(source: Source) -> tuple[float, float, int]:
    """The smallest and the largest pixel, and how many samples are distinct, block by block."""
    samples, seen = source.samples, set[bytes]()
    lowest, highest, rows = math.inf, -math.inf, max(1, BLOCK // samples.shape[1])
    for start in range(0, len(samples), rows):
        block = np.asarray(samples[start : start + rows])
        if not (float(block.min()) >= -LARGEST and float(block.max()) <= LARGEST):
            raise UserError(f"{source.words}: some pixels are NaN, infinite or beyond {LARGEST:g}")
        lowest, highest = min(lowest, float(block.min())), max(highest, float(block.max()))
        seen |= {hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in block}
    return lowest, highest, len(seen)


def _warnings(found: Estimate) -> Iterator[str]:
    by_grid, N = found.score, found.score.N
    if N > SAMPLES:
        yield f"{N:,} samples are more than the protocol's {SAMPLES:,}: fewer would score lower"
    if N < SAMPLES:
        yield f"{N:,} samples are fewer than the protocol's {SAMPLES:,}: more would score higher"
    if found.lowest < 0 or found.highest > 1:
        yield (
            f"the samples reach from {found.lowest:.3g} to {found.highest:.3g}, but the images "
            "from 0 to 1: bring them to the same range first"
        )
    if by_grid.choice.at_edge:
        yield (
            f"the best sigma, {by_grid.choice.sigma:.3g}, is at the edge of the grid: the score "
            "belongs to the grid and not to the samples"
        )
    if found.distinct < N:
        yield f"{N - found.distinct:,} of the {N:,} samples repeat others"
    if by_grid.tests > 1 and by_grid.error < 1e-3:
        yield "the standard error is 0: all test images are among the samples"
    perfect = found.perfect
    if perfect and perfect.LL + CHANCE * math.hypot(by_grid.error, perfect.error) < by_grid.LL:
        yield (
            f"the score is above that of {perfect.name}, the perfect model: it rewards smooth "
            "samples, as it does 1,000 centres of k-means"
        )


def _scores(found: Estimate) -> Iterator[str]:
    one = found.score
    yield f"log-likelihood of {one.tests:,} test images of {found.data}, by {found.source}"
    yield ""
    yield f"{'by the grid of the paper':<28}{_told(one)}"
    if found.refined:
        yield f"{'by a finer grid':<28}{_told(found.refined)}"
    yield ""
    yield f"{'':<28}{one.bits:.1f} bits; {one.per_dimension:.4f} nats per dimension, of {one.d:,}"
    yield f"{'':<28}pixels from {found.lowest:.3g} to {found.highest:.3g}"


def _told(one: Score) -> str:
    return f"{one.LL:9.1f} ± {one.error:.1f} nats   sigma {one.choice.sigma:.4f}"


def _ladder(found: Estimate) -> Iterator[str]:
    for baseline in found.baselines:
        name = f"{baseline.name}{' (perfect model)' if baseline is found.perfect else ''}"
        numbers = f"{baseline.LL:9.1f} ± {baseline.error:.1f} nats   sigma {baseline.sigma:.4f}"
        yield f"{name:<42}{numbers}"


def _shape(data: sets.DataSet) -> tuple[int, int, int]:
    if not isinstance(data.train, Images):
        raise UserError(f"{data.name} are points: the Parzen protocol here is that of images")
    height, width, channels = data.shape
    return height, width, channels


def _cache() -> Path | None:
    try:
        return platformdirs.user_cache_path("minigan", appauthor=False) / "parzen"
    except RuntimeError:
        return None


@contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Callable[[int], object]]:
    hidden = quiet or not sys.stderr.isatty()
    with tqdm(total=total, unit=" distances", unit_scale=True, disable=hidden, leave=False) as bar:
        yield bar.update


def _teller(quiet: bool) -> Callable[[str], None]:
    def tell(words: str) -> None:
        if not quiet:
            print(f"for comparison, once for these data: {words}", file=sys.stderr)

    return tell
