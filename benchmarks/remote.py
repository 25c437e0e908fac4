"""A worker seen from the process that compares: started, asked, and stopped at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from minigan.bench.timing import Repeat

PAUSE = 0.05  # seconds: idle threads of other workers stop spinning and go to sleep


class Remote:
    """A worker process. Raises RuntimeError with its last words where it stops too early.

    Its name is that of a peer, or "minigan in DIR": the minigan of another checkout.
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
    ) -> None:
        self.name = name
        self.errors = (task.parent / f"{name.replace('/', '_')}.log").open("w+")
        peer, _, checkout = name.partition(" in ")
        command = [sys.executable, str(Path(__file__).with_name("worker.py")), peer, str(task)]
        self.process = subprocess.Popen(
            [*command, schedule, str(m), str(width), str(threads), device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env=os.environ | ({"PYTHONPATH": checkout} if checkout else {}),
        )
        self.first: dict[str, float] = {}

    def __enter__(self) -> Remote:
        self.version = str(self._answer()["version"])
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

    def ask(self, **command: Any) -> dict[str, Any]:
        """The answer to one command."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def repeat(self, what: str) -> Repeat:
        """The worker's `what` as a candidate for `minigan.bench.timing.measure`."""

        def seconds(calls: int) -> float:
            time.sleep(PAUSE)
            answer = self.ask(do="time", what=what, calls=calls)
            self.first[what] = float(answer["first"])
            return float(answer["seconds"])

        return seconds

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            words = self.errors.read().strip().splitlines()[-3:]
            raise RuntimeError(f"the worker {self.name} stopped: {' | '.join(words)}")
        answer: dict[str, Any] = json.loads(line)
        return answer
