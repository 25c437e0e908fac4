"""Which tests run and in how many processes, and the profiles of Hypothesis.

MINIGAN_HYPOTHESIS_PROFILE:

repeatable   the default: every run draws the same examples, so a red test stays red
explore      new examples at every run, many more
mutants      few examples, for mutation runs

MINIGAN_CAMPAIGNS, MINIGAN_SAMPLE: which trials of long campaigns run (tools/campaigns.py).
"""

import functools
import os
import re
import signal
import sys
import threading
from pathlib import Path

import campaigns
import list_slow_tests
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

settings.register_profile("repeatable", deadline=None, max_examples=30, derandomize=True)
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

# The files of the tests need not survive a power failure, and the disk takes most of their time.
os.fsync = os.fstat

# A shell starts background jobs with SIGINT ignored, but some tests send it.
if (
    signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    and threading.current_thread() is threading.main_thread()
):
    signal.signal(signal.SIGINT, signal.default_int_handler)

# These markers need more than the extra `test`: their tests run only if -m names them.
OPTIONAL = ("oracle", "cupy", "gpu", "mpi", "site", "browser")


def in_expression(config: pytest.Config) -> set[str]:
    """The markers that -m names."""
    return set(re.findall(r"\w+", config.option.markexpr))


@functools.cache
def names_marker(file: Path, marker: str) -> bool:
    return f"mark.{marker}" in file.read_text(encoding="utf-8")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m oracle`, for example, import only the files that name this marker."""
    marker = config.option.markexpr
    if marker in OPTIONAL and collection_path.suffix == ".py":
        return None if names_marker(collection_path, marker) else True
    return None


@pytest.hookimpl(tryfirst=True)  # before pytest evaluates -m
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark slow tests, take the samples of campaigns, leave out what needs optional libraries."""
    slow = list_slow_tests.read(list_slow_tests.LIST.read_text(encoding="utf-8"))
    named = in_expression(config)
    chosen, left_out = [], []
    for item in items:
        function = getattr(item, "originalname", item.name)
        if function in slow:
            item.add_marker("slow")
        if item.get_closest_marker("linux") and sys.platform != "linux":
            item.add_marker(pytest.mark.skip(reason="uses a file that only Linux has"))
        optional = {name for name in OPTIONAL if item.get_closest_marker(name)}
        for name in optional:
            assert names_marker(item.path, name), f"{item.path} must contain pytest.mark.{name}"
        runs = campaigns.chooses(item.name, slow.get(function, 1)) and optional <= named
        (chosen if runs else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = chosen


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """For -n auto: no workers for a single file, nor for the GPU; else as many as cores."""
    paths = config.option.file_or_dir or ["tests"]
    single = len(paths) == 1 and paths[0].partition("::")[0].endswith(".py")
    return 0 if single or "gpu" in in_expression(config) else None


@pytest.fixture(scope="session")
def every_gradient():
    """The report of `minigan gradcheck`: all gradients of minigan."""
    from minigan import selfcheck  # not before coverage is measured

    return selfcheck.check_all()
