"""Is the run at this path recognisable? Exit status 1 where it is not: `recognisable.py RUN`.

1,000 samples; by the label of the nearest training digit all ten classes occur, each with at
least 3 %; the median distance to it is at most 1.25 times that of held-out digits.
"""

from __future__ import annotations

import sys
from pathlib import Path

from minigan.data import sets
from minigan.evaluation.quality import N_SAMPLES, assess_samples
from minigan.training import sampling

sampler = sampling.load_sampler(Path(sys.argv[1]))
judgement = assess_samples(sampler.samples(sampler.noise(N_SAMPLES, seed=1)), sets.load("digits"))
print(judgement)
sys.exit(
    not (len(judgement.shares) == 10 and min(judgement.shares) >= 0.03 and judgement.ratio <= 1.25)
)
