"""How the Parzen log-likelihood changes with the number of samples.

    LL(n) = the protocol's score of the first n samples       n = 10, 30, 100, ..., N

Every LL(n) has the sigma that the validation images choose for those n samples, not the one that is
best for all N: fewer samples need a wider kernel, and a sigma kept from N would make few samples
look worse than the protocol finds them. So each point can be held against any score of n samples.
How LL changes with sigma needs no more computing: a `Choice` has the means of all sigmas tried.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.evaluation.parzen import SampleRows
from minigan.evaluation.protocol import Score, choose, score


def prefixes(N: int) -> tuple[int, ...]:
    """10, 30, 100, 300, ... below N, and N. Raises ValueError where N < 1."""
    if N < 1:
        raise ValueError(f"there must be samples, not {N}")
    steps = (digit * 10**power for power in range(1, len(str(N)) + 1) for digit in (1, 3))
    return (*(n for n in steps if n < N), N)


def against_n(
    samples: SampleRows, validation: Array, test: Array, whole: Score, dtype: Any = np.float64
) -> tuple[Score, ...]:
    """The scores of the first n samples (N, d) for the n of `prefixes`, the last being `whole`.

    It takes about half as long as `whole` did in that dtype: 1/3 + 1/10 + 1/30 + ... of it.
    Raises ValueError where `whole` is the score of another number of samples.
    """
    *fewer, N = prefixes(len(samples))
    if whole.N != N:
        raise ValueError(f"the whole score is of {whole.N} samples, not of these {N}")
    parts = (samples[:n] for n in fewer)
    return (
        *(score(s, test, choose(s, validation, dtype=dtype), dtype=dtype) for s in parts),
        whole,
    )
