"""What a Parzen score is to be held against: the scores of things that are no model at all.

    mean image                 one grey ghost
    1,000 training images      a model that remembers a few
    10,000 training images     "the perfect model": as many samples as are scored, from p_data
    k-means, 100 and 1,000     averages of images: with 1,000, above the perfect model

By the same protocol, on the same validation and test images. They are computed once for a data set
and kept in the user's cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.draws import generator
from minigan.evaluation.kmeans import kmeans
from minigan.evaluation.protocol import SAMPLES, choose, score
from minigan.system.files import write_atomically

FORMAT = 1
FEW, CENTRES = 1_000, (100, 1_000)


@dataclass(frozen=True)
class Baseline:
    """One thing that is no model, its LL and standard error in nats, and its sigma."""

    name: str
    centres: int
    LL: float
    error: float
    sigma: float


def score_baselines(
    train: Array,
    validation: Array,
    test: Array,
    cache: Path | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> tuple[Baseline, ...]:
    """The baselines of a data set, from the cache folder where they are known, else into it.

    A cache that cannot be read or written is no error: they are computed. `tell` is called with
    what is being computed.
    """
    file = None if cache is None else cache / f"{_digest(train, validation, test)}.json"
    known = _read(file) if file else None
    if known:
        return known
    baselines = []
    for name, centres in _centres(train):
        tell(name)
        found = score(centres, test, choose(centres, validation))
        baselines.append(Baseline(name, len(centres), found.LL, found.error, found.choice.sigma))
    if file:
        _write(file, baselines)
    return tuple(baselines)


def _centres(train: Array) -> Iterator[tuple[str, Array]]:
    yield "mean image", train.mean(axis=0, dtype=np.float64)[None].astype(np.float32)
    for count in dict.fromkeys(min(count, len(train)) for count in (FEW, SAMPLES)):
        yield f"{count:,} training images", train[:count]
    for k in CENTRES:
        if k < len(train):
            yield f"k-means, {k:,} centres", kmeans(train, k, generator(0, "k-means", k))


def _digest(*parts: Array) -> str:
    """A name for the cached file: of the examples, and of what is computed of them."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps([FORMAT, FEW, SAMPLES, CENTRES]).encode())
    for part in parts:
        digest.update(str(part.shape).encode())
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()


def _read(file: Path) -> tuple[Baseline, ...]:
    try:
        return tuple(Baseline(**baseline) for baseline in json.loads(file.read_bytes()))
    except (OSError, ValueError, TypeError):
        return ()


def _write(file: Path, baselines: list[Baseline]) -> None:
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, json.dumps([asdict(baseline) for baseline in baselines]).encode())
