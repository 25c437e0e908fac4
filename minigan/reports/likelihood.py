"""The Parzen score of a run or of external samples, with baselines and warnings.

An `Estimate` contains the score with its standard error and sigma, and the scores of the baselines
for comparison. Its warnings name each deviation from the protocol, and each case in which a high
score does not mean good samples.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from minigan.arrays import Array
from minigan.data import paths, sets
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
from minigan.system.messages import say, stderr
from minigan.training import sampling
from minigan.training.runs.directory import RunDirectory
from minigan.training.runs.facts import require_same_data, source_of

BLOCK = 1 << 23  # number of pixel values that are checked at a time
PIXELS = 784  # for more, the error of float32 can exceed 0.01 nats at sigma = 0.1
LARGEST = 1e100  # larger pixel values are rejected, because their squares overflow
SCALE = 1 / 2  # of the range of the images: a smaller range of the samples gives a warning
CHANCE = 2  # standard errors above the perfect model from which a warning is given


@dataclass(frozen=True)
class Source:
    """Samples (N, d), a description of their origin, and notes on how they were read."""

    samples: SampleRows
    description: str
    notes: tuple[str, ...] = ()


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


def of_file(path: Path, data: sets.DataSet) -> Source:
    """Reads external samples of the size of the data set's images.

    Raises UserError if they cannot be read or have another size.
    """
    notes: list[str] = []
    samples = external.read(path, _shape(data), notes.append)
    return Source(samples, f"{len(samples):,} samples of {path}", tuple(notes))


def data_of_run(path: Path, data_dir: Path | None) -> sets.DataSet:
    """Loads the data set that a run was trained on, from `data_dir` or its original folder.

    Raises UserError if the data set cannot be loaded or has changed since the run.
    """
    run = RunDirectory.open(path)
    settings, environment = run.read_any_recipe().data, run.read_environment()
    if "data" in (environment.get("parts") or {}):
        raise UserError(f"{path} was trained on a custom data set, which only Python can load")
    facts = environment["data"]
    folder = data_dir or source_of(facts)
    data = sets.load(
        settings.set,
        folder,
        settings.height,
        settings.width,
        settings.channels,
        settings.contrast,
    )
    unknown = require_same_data(data, environment, path)
    if unknown is not None:
        say(f"warning: {unknown}")
    return data


def estimate(
    source: Source,
    data: sets.DataSet,
    refine: bool = False,
    with_baselines: bool = True,
    quiet: bool = True,
) -> Estimate:
    """Scores the samples by the paper's protocol.

    With `refine`, sigma is also chosen on a finer grid. With `with_baselines`, the baselines are
    included. Progress is shown on standard error unless `quiet`. Raises UserError if the data are
    not images, or if a pixel value is NaN, infinite or larger than LARGEST.
    """
    _shape(data)
    lowest, highest, distinct = _pixel_range_and_distinct(source)
    small = math.prod(data.shape) <= PIXELS and lowest >= 0 and highest <= 1
    dtype = np.float32 if small else np.float64
    validation, test = validation_images(data.validation), data.require_test().all()
    work = len(source.samples) * (len(validation) + len(test)) * (2 if refine else 1)
    with progress(work, quiet) as advance:
        options = {"dtype": dtype, "advance": advance}
        choice = choose(source.samples, validation, GRID, **options)
        by_grid = score(source.samples, test, choice, **options)
        refined = None
        if refine:
            finer_choice = choose(source.samples, validation, finer(choice), **options)
            refined = score(source.samples, test, finer_choice, **options)
    baselines: tuple[Baseline, ...] = ()
    if with_baselines:
        baselines = score_baselines(data.train.all(), validation, test, _cache(), _logger(quiet))
    return Estimate(
        data.name,
        source.description,
        by_grid,
        refined,
        baselines,
        lowest,
        highest,
        distinct,
        source.notes,
        (float(test.min()), float(test.max())),
    )


def _pixel_range_and_distinct(source: Source) -> tuple[float, float, int]:
    """The smallest and largest pixel value and the number of distinct samples.

    The samples are read in blocks, because they can be larger than the memory. 8 bytes per sample
    are kept: their hashes. Two of 10^6 distinct samples have the same hash with a probability of
    3e-8.
    """
    samples, hashes = source.samples, np.empty(len(source.samples), np.uint64)
    lowest, highest, rows = math.inf, -math.inf, max(1, BLOCK // samples.shape[1])
    for start in range(0, len(samples), rows):
        block = np.asarray(samples[start : start + rows])
        if not (float(block.min()) >= -LARGEST and float(block.max()) <= LARGEST):
            raise UserError(
                f"{source.description}: some pixel values are NaN, infinite or larger than "
                f"{LARGEST:g}"
            )
        lowest, highest = min(lowest, float(block.min())), max(highest, float(block.max()))
        digests = (hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in block)
        hashes[start : start + rows] = np.fromiter(map(int.from_bytes, digests), np.uint64)
    hashes.sort()
    repeated = 0
    for start in range(0, len(hashes) - 1, BLOCK):
        part = hashes[start : start + BLOCK + 1]
        repeated += int((part[1:] == part[:-1]).sum())
    return lowest, highest, len(hashes) - repeated


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


def _shape(data: sets.DataSet) -> tuple[int, int, int]:
    if not isinstance(data.train, Images):
        raise UserError(f"{data.name} contains points: the Parzen score needs a data set of images")
    height, width, channels = data.shape
    return height, width, channels


def _cache() -> Path | None:
    folder = paths.cache_folder()
    return None if folder is None else folder / "parzen"


@contextmanager
def progress(total: int, quiet: bool) -> Iterator[Callable[[int], object]]:
    """A progress bar of `total` distances on a terminal; yields what counts them."""
    stream = stderr()
    with tqdm(
        total=total,
        unit=" distances",
        unit_scale=True,
        disable=quiet or not stream.isatty(),
        leave=False,
        file=stream,
    ) as bar:
        yield bar.update


def _logger(quiet: bool) -> Callable[[str], None]:
    def log(name: str) -> None:
        if not quiet:
            say(f"computing a baseline, once for this data set: {name}")

    return log
