"""All trials of a run, a few at a time: which mutants survive their tests?"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from mutants import trial
from mutants.generate import Mutant
from mutants.plan import tests_for
from tqdm import tqdm


def unchanged(root: Path, files: Sequence[str]) -> float:
    """Run every test of these files on the unmutated sources, put in place as mutants are.

    Returns the seconds it took; raises SystemExit with pytest's output where a test fails.
    """
    codes = {
        file: compile((root / file).read_text(encoding="utf-8"), str(root / file), "exec")
        for file in files
    }
    tests = list(dict.fromkeys(test for file in files for test in tests_for(file)))
    log, began = root / "unchanged.log", time.perf_counter()
    _, status = os.waitpid(trial.start(root, codes, tests, 600, log), 0)
    if status:
        raise SystemExit(
            f"{log.read_text()}\nthe tests fail on the unchanged code: fix them first"
        )
    return time.perf_counter() - began


def survivors(root: Path, mutants: Sequence[Mutant], jobs: int, seconds: float) -> list[Mutant]:
    """The mutants that all tests pass on, in the order given; a trial may take `seconds`."""
    waiting, running, alive = list(reversed(mutants)), dict[int, Mutant](), set[Mutant]()
    tqdm.monitor_interval = 0  # its thread would make each fork a warning
    with tqdm(total=len(mutants), unit="mutant") as progress:
        try:
            while waiting or running:
                while waiting and len(running) < jobs:
                    mutant = waiting.pop()
                    running[_start(root, mutant, seconds)] = mutant
                pid, status = os.wait()
                mutant = running.pop(pid)
                if status == trial.SURVIVED:
                    alive.add(mutant)
                    progress.write(f"survives: {mutant.name.file}:{mutant.line}", sys.stderr)
                elif os.WIFSIGNALED(status):
                    name = signal.Signals(os.WTERMSIG(status)).name  # SIGALRM: the time limit
                    progress.write(f"{name} ends {mutant.name.file}:{mutant.line}", sys.stderr)
                progress.update()
        finally:
            for pid in running:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    return [mutant for mutant in mutants if mutant in alive]


def _start(root: Path, mutant: Mutant, seconds: float) -> int:
    file = mutant.name.file
    return trial.start(root, {file: mutant.compiled(root / file)}, tests_for(file), seconds)
