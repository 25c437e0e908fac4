"""Make tiny training runs and read their files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tiny

from minigan.training import trainer
from minigan.training.recorder import Reporting
from minigan.training.runs import checkpoint

QUIET = Reporting(quiet=True)


def train(path: Path, seed: int = 1, reporting: Reporting = QUIET, **changes: Any) -> Any:
    """Train the tiny recipe, with changes as in `tiny.table`; returns the outcome."""
    return trainer.train(tiny.recipe(**changes), seed, out=path, reporting=reporting)


def log_of(path: Path) -> list[dict[str, Any]]:
    """The lines of a run's log."""
    return [json.loads(line) for line in (path / "log.jsonl").read_text().splitlines()]


def iteration_of(path: Path) -> int:
    """The iteration of a run's last checkpoint."""
    return int(checkpoint.load(path / "checkpoint.npz")["iteration"])


def dumped(path: Path) -> dict[str, bytes]:
    """The bytes of each file of a run, without what depends on when the run was stopped.

    Left out are the seconds in the log, log.csv, and environment.json, which lists resumptions.
    """
    files = {
        str(file.relative_to(path)): file.read_bytes()
        for file in path.rglob("*")
        if file.is_file() and file.name not in ("log.jsonl", "log.csv", "environment.json")
    }
    lines = [{**line, "seconds": None} for line in log_of(path)]
    return files | {"log.jsonl": json.dumps(lines).encode()}
