"""Run the tests on one mutant: a forked process replaces the module and runs pytest.

The parent has imported the slow modules (NumPy, SciPy, autograd, Hypothesis, pytest) and nothing of
minigan, so a trial takes little more time than its tests.
"""

from __future__ import annotations

import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

SLOW_TO_IMPORT = (
    *("pytest", "_pytest.assertion.rewrite", "_hypothesis_pytestplugin", "hypothesis.strategies"),
    *("hypothesis.extra.numpy", "numpy", "scipy.stats", "scipy.integrate", "autograd.numpy"),
)
OPTIONS = (
    *("-x", "-q", "-n0", "--tb=short", "-p", "no:cacheprovider"),
    # pytest rewrites the modules of a package that has a plugin, before `Replacement` is asked.
    "--assert=plain",
)
MEMORY = 4 << 30
SURVIVED = 0


def import_what_is_slow() -> None:
    """Import the slow modules. Raises RuntimeError if this also imports minigan."""
    for name in SLOW_TO_IMPORT:
        importlib.import_module(name)
    if "minigan" in sys.modules:
        raise RuntimeError("minigan was imported before its mutants could be")
    gc.freeze()  # the children do not copy these pages


class Replacement(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """An import hook that runs the given code for the given modules."""

    def __init__(self, root: Path, sources: dict[str, CodeType]) -> None:
        self.modules = {
            file.removesuffix(".py").replace("/", "."): (root / file, code)
            for file, code in sources.items()
        }

    def find_spec(
        self, name: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec with this loader for the replaced modules, else None."""
        if name not in self.modules:
            return None
        return importlib.util.spec_from_file_location(name, self.modules[name][0], loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run the code of a replaced module."""
        exec(self.modules[module.__name__][1], module.__dict__)


class NoShrinking:
    """A pytest plugin that disables Hypothesis' shrinking: any failing example is enough."""

    def pytest_configure(self) -> None:
        """Load the profile, after conftest.py has loaded its own."""
        hypothesis = importlib.import_module("hypothesis")
        phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
        mutants = hypothesis.settings.get_profile("mutants")
        hypothesis.settings.register_profile(
            "mutants, no shrinking", mutants, phases=phases, report_multiple_bugs=False
        )
        hypothesis.settings.load_profile("mutants, no shrinking")


def start(
    root: Path,
    sources: dict[str, CodeType],
    tests: Sequence[str],
    seconds: float,
    output: str | Path = os.devnull,
) -> int:
    """Fork a trial in the directory `root` and return its process id.

    The exit status is 0 if all tests pass. A signal ends the process after `seconds` of CPU time,
    or after 20 times as many seconds of wall time. The output of pytest is written to the file
    `output`.
    """
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, 20 * seconds)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        written = os.open(output, os.O_WRONLY | os.O_CREAT)
        os.dup2(written, 1)
        os.dup2(written, 2)
        # The folder that other runs of pytest share can change while this run cleans it up.
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
            os.environ["PYTEST_DEBUG_TEMPROOT"] = own
            status = _run(root, sources, tests)
        sys.stdout.flush()
    finally:
        os._exit(status)  # also after an exception: the child must not run the parent's code


def _run(root: Path, sources: dict[str, CodeType], tests: Sequence[str]) -> int:
    os.chdir(root)
    os.environ["MINIGAN_HYPOTHESIS_PROFILE"] = "mutants"
    sys.path.insert(0, str(root))
    sys.meta_path.insert(0, Replacement(root, sources))
    pytest = importlib.import_module("pytest")
    status, plugins = SURVIVED, [NoShrinking()]
    for some in filter(
        None, (tests[:1], tests[1:])
    ):  # these kill most mutants, so the others need no collection
        status = status or int(pytest.main([*OPTIONS, *some], plugins))
    package = sys.modules.get("minigan")
    if status == SURVIVED and not (package and root in Path(str(package.__file__)).parents):
        raise RuntimeError("the tests passed on another copy of minigan")
    return status
