"""A worker process (worker.py), from the side of the benchmark: start, commands, stop."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from minigan.bench.timing import Timer

PAUSE = 0.05  # seconds, after which the idle threads of other workers sleep instead of spinning


class Remote:
    """A worker process. Raises RuntimeError with the last lines of its log if it stops early.

    `name` is that of a peer, or "minigan in DIR" for the minigan of the checkout DIR.
    """

    def __init__(
        self,
        name: str,
        task: Path,
        schedule: str,
        m: int,
        width: float,
        threads: int,
        device: str = "cpu",
        recipe: str = "mnist-2014",
    ) -> None:
        self.name = name
        self.errors = (task.parent / f"{name.replace('/', '_')}.log").open("w+")
        peer, _, checkout = name.partition(" in ")
        # Another checkout uses its own worker.py, because its module names may differ.
        home = Path(checkout) / "benchmarks" if checkout else Path(__file__).parent
        command = [sys.executable, str(home / "worker.py"), peer, str(task)]
        self.process = subprocess.Popen(
            # An older checkout has one recipe, and its worker takes no name of a recipe.
            [*command, schedule, str(m), str(width), str(threads), device]
            + [recipe] * (recipe != "mnist-2014"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=os.environ | ({"PYTHONPATH": checkout} if checkout else {}),
        )
        self.first: dict[str, float] = {}

    def __enter__(self) -> Remote:
        self.version = str(self._result()["version"])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()

    def send(self, **command: Any) -> dict[str, Any]:
        """Send one command and return its result."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self._result()

    def timer(self, what: str) -> Timer:
        """A timer of the worker's `what`, for `minigan.bench.timing.measure`."""

        def seconds(calls: int) -> float:
            time.sleep(PAUSE)
            result = self.send(do="time", what=what, calls=calls)
            self.first[what] = float(result["first"])
            return float(result["seconds"])

        return seconds

    def _result(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            lines = self.errors.read().strip().splitlines()[-3:]
            raise RuntimeError(f"the worker {self.name} stopped: {' | '.join(lines)}")
        result: dict[str, Any] = json.loads(line)
        return result
