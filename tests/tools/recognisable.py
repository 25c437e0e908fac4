"""Exit with status 1 if the samples of a run are not recognisable digits: `recognisable.py RUN`.

Each of 1,000 samples gets the label of the nearest training digit. All ten classes must occur, each
with at least 3 %. The median distance to the nearest training digit must be at most 1.25 times
that of held-out digits.
"""

from __future__ import annotations

import sys
from pathlib import Path

from minigan.data import sets
from minigan.evaluation.quality import N_SAMPLES, assess_samples
from minigan.training import sampling

sampler = sampling.load_sampler(Path(sys.argv[1]))
quality = assess_samples(sampler.samples(sampler.noise(N_SAMPLES, seed=1)), sets.load("digits"))
print(quality)
sys.exit(not (len(quality.shares) == 10 and min(quality.shares) >= 0.03 and quality.ratio <= 1.25))
