"""Run commands on damaged files, and check the guarantees for any input.

    exit status 0 or 2 (1 only where training stops at a number that is not finite)
    with status 2, one printable sentence on standard error, without a traceback
    limited time and memory, and nothing written but the output

A trial is a function of the name of its target and of a number, so each can be repeated alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import random
import shutil
import signal
import sys
import time
import tracemalloc
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from hostile.targets import OUT, Target
from minigan import cli
from minigan.bench import tables
from minigan.errors import UserError

SECONDS, MEGABYTES = 20, 300
PREFIXES = ("warning: ", "note: ", "computing a baseline", "minigan: ")


class TooSlow(BaseException):
    """The time of a trial is over."""


@dataclass(frozen=True)
class Outcome:
    """What a command did: its exit status, its words, its time and its memory."""

    status: int
    out: str
    err: str
    seconds: float
    megabytes: float


def attempt(prepared: Path, folder: Path, target: Target, number: int) -> str | None:
    """Run one trial in a copy of the prepared folder; returns what is wrong, or None."""
    rng = random.Random(f"{target.name} {number}")
    shutil.copytree(prepared, folder)
    damaged = target.damage(rng, (folder / target.file).read_bytes())
    (folder / target.file).write_bytes(damaged)
    before = contents(folder)
    with contextlib.chdir(folder):
        outcome = run(target.command)
    fault = fault_of(outcome) or changed(before, contents(folder), target.writes)
    return None if fault is None else f"{target.name}, number {number}: {fault}"


def run(command: tuple[str, ...]) -> Outcome:
    """Run a command of minigan in this process."""
    out, err = io.StringIO(), io.StringIO()
    start = time.perf_counter()
    tracemalloc.start()
    try:
        with (
            _limited(),
            warnings.catch_warnings(),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            warnings.simplefilter("ignore")
            status = _status(command)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    seconds = time.perf_counter() - start
    return Outcome(status, out.getvalue(), err.getvalue(), seconds, peak / 1e6)


def fault_of(outcome: Outcome) -> str | None:
    """What an outcome does that no input may cause; None if nothing."""
    lines = outcome.err.splitlines()
    stopped = outcome.status == 1 and "training stopped" in outcome.err
    if outcome.status not in (0, 2) and not stopped:
        return f"status {outcome.status}: {outcome.err[-300:]}"
    if "internal error" in outcome.err or "Traceback" in outcome.err:
        return f"an internal error: {outcome.err[-300:]}"
    if outcome.status == 2 and (not lines or not lines[-1].startswith("minigan: ")):
        return f"status 2 without a sentence: {outcome.err[-300:]!r}"
    if not all(line.startswith(PREFIXES) and line.isprintable() for line in lines):
        return f"an unexpected line: {outcome.err[-300:]!r}"
    if "\x1b" in outcome.out + outcome.err:
        return "a terminal sequence"
    if outcome.megabytes > MEGABYTES:
        return f"{outcome.megabytes:.0f} MB of memory"
    return None


def contents(folder: Path) -> dict[str, str]:
    """A hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def changed(before: dict[str, str], after: dict[str, str], writes: str | None) -> str | None:
    """The files that were changed without being the output, in words; None if there are none."""
    different = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    allowed = (OUT, *((f"{writes}{os.sep}",) if writes else ()))
    others = sorted(name for name in different if not name.startswith(allowed))
    return f"it changed {', '.join(others)}" if others else None


def _status(command: tuple[str, ...]) -> int:
    if command[0] == "compare":  # minigan bench --compare would measure first
        return _compare(Path(command[1]))
    try:
        return cli.main(list(command))
    except SystemExit as stop:
        return int(stop.code or 0)


def _compare(file: Path) -> int:
    try:
        report = tables.read(file)
    except UserError as error:
        print(f"minigan: {error}", file=sys.stderr)
        return 2
    report.to_markdown()
    tables.compare(report, report)
    return 0


@contextlib.contextmanager
def _limited() -> Iterator[None]:
    """Raise TooSlow in the block after SECONDS."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise TooSlow(f"more than {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
