"""Is the run at this path recognisable? Exit status 1 where it is not: `recognisable.py RUN`.

1,000 samples; by the label of the nearest training digit all ten classes occur, each with at
least 3 %; the median distance to it is at most 1.25 times that of held-out digits.
"""

from __future__ import annotations

import sys
from pathlib import Path

from minigan import training

experiment = training.load(Path(sys.argv[1]))
judgement = training.judge(experiment, experiment.samples(experiment.noise(1000)))
print(judgement)
sys.exit(
    not (len(judgement.shares) == 10 and min(judgement.shares) >= 0.03 and judgement.ratio <= 1.25)
)
