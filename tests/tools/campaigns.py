"""Which trials of a long campaign run: a sample by default, all of them on demand.

MINIGAN_CAMPAIGNS=complete   run every trial
MINIGAN_SAMPLE=TEXT          choose another sample; .ci/run sets the name of the commit
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def complete() -> bool:
    """Whether every trial runs."""
    return os.environ.get("MINIGAN_CAMPAIGNS", "") == "complete"


def seed() -> int:
    """The seed of the sample, from 0 to 2^32 - 1."""
    return zlib.crc32(os.environ.get("MINIGAN_SAMPLE", "").encode())


def size(all_of_them: int, sample: int) -> int:
    """How many trials run."""
    return all_of_them if complete() else sample


def chooses(name: str, share: int) -> bool:
    """Whether the trial of this name runs: all if complete, else about one in `share`."""
    return share == 1 or complete() or _rank(name) % share == 0


def sample(trials: Sequence[T], count: int, name: Callable[[T], object] = repr) -> list[T]:
    """`count` of the trials, in their order. What other trials there are changes few choices."""
    ranked = sorted(range(len(trials)), key=lambda i: _rank(name(trials[i])))
    return [trials[i] for i in sorted(ranked[:count])]


def _rank(name: object) -> int:
    return zlib.crc32(f"{seed()} {name}".encode())
