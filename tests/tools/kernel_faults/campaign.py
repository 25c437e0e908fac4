"""Run the trials of all faults, several at a time, and return the outcome of each."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel_faults import compiled, trial
from kernel_faults.fault import KERNELS, Fault, Name
from softgpu.nvrtc import CompileError
from tqdm import tqdm


@dataclass(frozen=True)
class CheckResult:
    """The outcome of a fault: `how` it was detected, and the test that failed."""

    fault: Fault
    how: str
    test: str = ""

    @property
    def caught(self) -> bool:
        """Whether the fault was detected."""
        return self.how not in (SURVIVES, SAME)


def kept(file: Path, faults: Sequence[Fault]) -> list[CheckResult]:
    """The outcomes of these faults in a file written by `keep`; empty if there is no file."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    records = (json.loads(line) for line in lines)
    by_name = {Name(*name): (how, test) for name, how, test in records}
    return [CheckResult(f, *by_name[f.name]) for f in faults if f.name in by_name]


def keep(file: Path, outcome: CheckResult) -> None:
    """Append an outcome to a file, as one line of JSON."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps([outcome.fault.name, outcome.how, outcome.test]) + "\n")


SURVIVES, SAME = "survives", "the same PTX"
HOW = {
    "AssertionError": "wrong number",
    "OutOfBounds": "out of bounds",
    "Race": "race",
    "Misaligned": "misaligned",
    "ReadOnly": "writes what is read-only",
    "Trap": "trap",
    "Uninitialised": "uninitialised",
    "BadBarrier": "barrier",
    "Endless": "endless",
    "DivisionByZero": "division by zero",
    "CompileError": "does not compile",
    "Failed": "no error where one is due",
    "MissedByCuPy": "the stand-in refuses",
    "RefusedByCuPy": "the stand-in refuses",
}


def prepare(root: Path) -> str:
    """Import the slow modules from the copy at `root`, compile the kernels, return the source."""
    os.environ["MINIGAN_HYPOTHESIS_PROFILE"] = "mutants"
    os.environ["PYTEST_ADDOPTS"] = '-m "cupy or not cupy"'
    sys.path[:0] = [str(root), str(root / "tests" / "tools")]
    importlib.import_module("mutants.trial").import_what_is_slow()
    for name in ("minigan.training.trainer", "softgpu.standin", "cupy_backends.cuda.libs.nvrtc"):
        importlib.import_module(name)
    fused: Any = importlib.import_module("minigan.backends.cuda.fused")
    launcher: Any = importlib.import_module("minigan.backends.cuda.launcher")
    if root not in Path(fused.__file__).parents:
        raise RuntimeError("another copy of minigan was imported")
    compiled.take_over(fused.source(), launcher.OPTIONS)
    gc.freeze()  # the children do not copy these pages
    return str(fused.source())


def unchanged(root: Path) -> float:
    """Run all tests without a fault. Returns the CPU time in seconds.

    Raises SystemExit with the output of pytest if a test fails.
    """
    report, before = root / "unchanged.json", os.times().children_user
    os.waitpid(trial.start(root, None, report, 600), 0)
    log = report.with_suffix(".log").read_text(encoding="utf-8")
    if not report.exists() or json.loads(report.read_text("utf-8"))["error"] != trial.SURVIVED:
        raise SystemExit(f"{log}\nthe tests fail on the unchanged code: fix them first")
    return os.times().children_user - before


def outcomes(
    root: Path, faults: Sequence[Fault], jobs: int, seconds: int, source: str
) -> Iterator[CheckResult]:
    """Yield the outcome of each fault when it is known; a trial may take `seconds` of CPU time."""
    waiting, running = list(reversed(faults)), dict[int, tuple[Fault, Path]]()
    tqdm.monitor_interval = 0  # with its thread, each fork would print a warning
    number, width = 0, 100 if sys.stderr.isatty() else None
    with tqdm(total=len(faults), unit="fault", ncols=width, mininterval=2) as progress:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    fault, number = waiting.pop(), number + 1
                    if how := known_to_the_compiler(fault, source):
                        progress.update()
                        yield CheckResult(fault, how)
                        continue
                    report = root / f"fault-{number}.json"
                    running[trial.start(root, fault, report, seconds)] = fault, report
                if not running:
                    break
                pid, status = os.wait()
                outcome = read(*running.pop(pid), status)
                if outcome.how == SURVIVES:
                    name = outcome.fault.name
                    message = f"survives: {name.function}: {name.before} -> {name.after}"
                    progress.write(message, sys.stderr)
                progress.update()
                yield outcome
        finally:
            for pid in running:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def known_to_the_compiler(fault: Fault, source: str) -> str:
    """The outcome if no test is needed (no compilation, or the same PTX), else an empty string."""
    if fault.name.file != KERNELS:
        return ""
    options = importlib.import_module("minigan.backends.cuda.launcher").OPTIONS
    try:
        return SAME if compiled.same(source, fault.applied(source), options) else ""
    except CompileError:
        return HOW["CompileError"]


def read(fault: Fault, report: Path, status: int) -> CheckResult:
    """The outcome of a trial that has ended."""
    if not report.exists():
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
            return CheckResult(fault, "time limit")
        log = report.with_suffix(".log").read_text(encoding="utf-8")
        raise RuntimeError(f"the trial of {fault.name} failed:\n{log}")
    failure = json.loads(report.read_text(encoding="utf-8"))
    if failure["error"] == trial.SURVIVED:
        return CheckResult(fault, SURVIVES)
    return CheckResult(fault, in_words(failure), failure["test"])


def in_words(failure: dict[str, str]) -> str:
    """How a fault was detected."""
    if failure["where"].endswith("cuda/launcher.py"):
        return "the launcher refuses"
    if failure["error"] == "AssertionError" and "launches" in failure["test"]:
        return "wrong launches"
    return HOW.get(failure["error"], f"raises {failure['error']}")


def seconds_since(began: float) -> int:
    """Whole seconds since a reading of time.perf_counter."""
    return round(time.perf_counter() - began)
