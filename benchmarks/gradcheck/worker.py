"""A separate process for one checker. It reads names of cases and writes results, one JSON a line.

python benchmarks/gradcheck/worker.py CHECKER

The first line is {"version": ...}, or {"missing": ...} if the library is not installed.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import warnings
from dataclasses import asdict
from typing import Any

from checkers.result import Result, exception_text
from corpus import case_of
from corpus.operation import Bug, Case


def answer(checker: Any, name: str, controls: dict[str, str]) -> dict[str, Any]:
    """The result for one case as a dictionary.

    The control of a bug is the outcome for the right backward function at the same points, which
    is computed once for all bugs with these points.
    """
    case, control = case_of(name), ""
    if isinstance(case, Bug) and case.right is not None:
        key = f"{name.partition('/')[0]} {id(case.example)}"
        if key not in controls:
            controls[key] = outcome(checker, case.right)["outcome"]
        control = controls[key]
    start = time.perf_counter()
    result = outcome(checker, case)
    return result | {"control": control, "seconds": time.perf_counter() - start}


def outcome(checker: Any, case: Case) -> dict[str, Any]:
    """The fields of the checker's result, "error" if it raises an exception."""
    try:
        return asdict(checker.check(case))
    except Exception as error:
        return asdict(Result("error", exception_text(error), exception_text(error)))


def main() -> None:
    """Answer until the end of standard input. Output of libraries goes to standard error."""
    results = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    try:
        checker = importlib.import_module(f"checkers.{sys.argv[1]}")
    except ImportError as error:
        results.write(json.dumps({"missing": str(error)}) + "\n")
        return
    results.write(json.dumps({"version": checker.VERSION}) + "\n")
    controls: dict[str, str] = {}
    for line in sys.stdin:
        results.write(json.dumps(answer(checker, line.strip(), controls)) + "\n")


if __name__ == "__main__":
    main()
