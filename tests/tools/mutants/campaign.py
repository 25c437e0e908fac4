"""Run the trials of all mutants, several at a time, and return the mutants that survive."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from mutants import trial
from mutants.generate import Mutant, Name
from mutants.plan import tests_for
from tqdm import tqdm


def unchanged(root: Path, files: Sequence[str]) -> float:
    """Run all tests of these files on the original sources, loaded in the same way as a mutant.

    Returns the processor time in seconds. Raises SystemExit with the output of pytest if a test
    fails.
    """
    codes = {
        file: compile((root / file).read_text(encoding="utf-8"), str(root / file), "exec")
        for file in files
    }
    tests = list(dict.fromkeys(test for file in files for test in tests_for(file)))
    log, before = root / "unchanged.log", os.times().children_user
    _, status = os.waitpid(trial.start(root, codes, tests, 600, log), 0)
    if status:
        raise SystemExit(f"{log.read_text()}\nthe tests fail on the unchanged code: fix them first")
    return os.times().children_user - before


def survivors(
    root: Path, mutants: Sequence[Mutant], jobs: int, seconds: float, keep: Path | None = None
) -> list[Mutant]:
    """The mutants on which all tests pass, in order; a trial may take `seconds` of CPU time.

    With `keep`, outcomes in this file are reused, and new outcomes are appended to it.
    """
    known = kept(keep) if keep else {}
    alive = {mutant for mutant in mutants if known.get(mutant.name)}
    waiting = [mutant for mutant in reversed(mutants) if mutant.name not in known]
    running = dict[int, Mutant]()
    tqdm.monitor_interval = 0  # with its thread, each fork would print a warning
    with tqdm(total=len(waiting), unit="mutant") as progress:
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
                    name = signal.Signals(os.WTERMSIG(status)).name  # SIGPROF: the time limit
                    progress.write(f"{name} ends {mutant.name.file}:{mutant.line}", sys.stderr)
                if keep:
                    with keep.open("a", encoding="utf-8") as lines:
                        lines.write(json.dumps([mutant.name, status == trial.SURVIVED]) + "\n")
                progress.update()
        finally:
            for pid in running:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    return [mutant for mutant in mutants if mutant in alive]


def kept(file: Path) -> dict[Name, bool]:
    """The outcomes in a file written by `survivors`: whether each mutant survived."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {Name(*name): survived for name, survived in map(json.loads, lines)}


def _start(root: Path, mutant: Mutant, seconds: float) -> int:
    file = mutant.name.file
    return trial.start(root, {file: mutant.compiled(root / file)}, tests_for(file), seconds)
