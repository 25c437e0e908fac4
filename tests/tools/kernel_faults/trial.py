"""Run the tests on one fault: a forked process applies the fault and runs pytest.

The parent has imported the slow modules, and compiled the kernels without a fault. For a fault in
the kernels, the child replaces the CUDA source that the backend reads. For a fault in a Python
file, the child imports the package again.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from kernel_faults.fault import KERNELS, Fault
from kernel_faults.plan import matches, stages
from mutants.trial import OPTIONS, NoShrinking, Replacement

SURVIVED = "survived"


class FirstFailure:
    """A pytest plugin that selects the tests of a stage and records the first failure."""

    def __init__(self) -> None:
        self.done: set[str] = set()
        self.pattern = ""
        self.test = self.error = self.where = ""

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Select the tests of the stage that did not run before."""
        chosen = [
            item
            for item in items
            if matches(self.pattern, item.name) and item.nodeid not in self.done
        ]
        self.done.update(item.nodeid for item in chosen)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen

    def pytest_exception_interact(self, node: Any, call: Any) -> None:
        """Record the first failure."""
        if not self.test:
            self.test, self.error = node.nodeid, call.excinfo.typename
            self.where = str(call.excinfo.traceback[-1].path)


def start(root: Path, fault: Fault | None, report: Path, seconds: int) -> int:
    """Fork a trial that may take `seconds` of CPU time, and return its process id.

    The result is written to the file `report` as JSON, unless a signal ends the process.
    """
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        written = os.open(report.with_suffix(".log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(written, 1)
        os.dup2(written, 2)
        os.chdir(root)
        if fault is not None:
            put(root, fault)
        report.write_text(json.dumps(run(fault)), encoding="utf-8")
        sys.stdout.flush()
    finally:
        os._exit(0)  # also after an exception: the child must not run the parent's code


def put(root: Path, fault: Fault) -> None:
    """Apply a fault in this process."""
    text = fault.applied((root / fault.name.file).read_text(encoding="utf-8"))
    if fault.name.file == KERNELS:
        fused: Any = importlib.import_module("minigan.backends.cuda.fused")
        fused.source = lambda: text
        return
    for name in [name for name in sys.modules if re.match(r"minigan\b|tiny$", name)]:
        del sys.modules[name]
    code = compile(text, str(root / fault.name.file), "exec")
    sys.meta_path.insert(0, Replacement(root, {fault.name.file: code}))


def run(fault: Fault | None) -> dict[str, str]:
    """Run the stages of a fault until a test fails; without a fault, run all tests."""
    pytest = importlib.import_module("pytest")
    plan = importlib.import_module("kernel_faults.plan")
    first = FirstFailure()
    for files, pattern in [(plan.FILES, "")] if fault is None else stages(fault):
        first.pattern = pattern
        status = int(pytest.main([*OPTIONS, "--tb=native", *files], [NoShrinking(), first]))
        if status == pytest.ExitCode.USAGE_ERROR:
            raise RuntimeError(f"pytest does not find one of {', '.join(files)}")
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return {
                "test": first.test,
                "error": first.error or f"exit {status}",
                "where": first.where,
            }
    return {"test": "", "error": SURVIVED, "where": ""}
