"""Hypothesis profiles, chosen by MINIGAN_HYPOTHESIS_PROFILE.

repeatable   the default: every run draws the same examples, so a red test stays red
explore      new examples at every run, ten times as many
mutants      few examples, for mutation runs
"""

import os

from hypothesis import HealthCheck, settings

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
