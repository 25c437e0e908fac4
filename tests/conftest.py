"""Hypothesis profiles: `dev` by default, `mutants` (few examples) for mutation runs."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile(
    "mutants",
    deadline=None,
    max_examples=15,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile(os.environ.get("MINIGAN_HYPOTHESIS_PROFILE", "dev"))
