"""Hypothesis profiles, chosen by MINIGAN_HYPOTHESIS_PROFILE.

repeatable   the default: every run draws the same examples, so a red test stays red
explore      new examples at every run, ten times as many
mutants      few examples, for mutation runs
"""

import os

import numpy as np
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

settings.register_profile("repeatable", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=500)
settings.register_profile(
    "mutants",
    deadline=None,
    max_examples=15,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile(os.environ.get("MINIGAN_HYPOTHESIS_PROFILE", "repeatable"))

# The products of the tests are too small to be shared by threads, which only wait for each other.
assert np.__version__  # NumPy has loaded its BLAS by now
threadpool_limits(1, user_api="blas")
