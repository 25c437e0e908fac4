"""The score of samples by the paper's protocol, with the baselines of the same data set.

The samples are read in blocks where they can be larger than the memory.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from tqdm import tqdm

from minigan.data import paths
from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.evaluation.baselines import Baseline, score_baselines
from minigan.evaluation.protocol import (
    GRID,
    choose,
    finer,
    score,
    validation_images,
)
from minigan.reports.likelihood.result import Estimate
from minigan.reports.likelihood.source import Source, image_shape
from minigan.system.messages import say, stderr

BLOCK = 1 << 23  # number of pixel values that are checked at a time
PIXELS = 784  # for more, the error of float32 can exceed 0.01 nats at sigma = 0.1
LARGEST = 1e100  # larger pixel values are rejected, because their squares overflow


def estimate(
    source: Source,
    data: DataSet,
    refine: bool = False,
    with_baselines: bool = True,
    quiet: bool = True,
) -> Estimate:
    """Scores the samples by the paper's protocol.

    With `refine`, sigma is also chosen on a finer grid. With `with_baselines`, the baselines are
    included. Progress is shown on standard error unless `quiet`. Raises UserError if the data are
    not images, or if a pixel value is NaN, infinite or larger than LARGEST.
    """
    image_shape(data)
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
