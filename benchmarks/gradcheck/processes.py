"""Run the cases of every checker in worker processes, so that a crash or a hang is a result."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

LIMIT = 60.0  # seconds for one case
START_LIMIT = 300.0  # seconds to import the library
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
WORKER = Path(__file__).with_name("worker.py")


class MissingError(Exception):
    """The library of a checker is not installed."""


class Worker:
    """The process of one checker. It is started again after a crash or a hang."""

    def __init__(self, checker: str) -> None:
        self.checker, self.version = checker, ""
        self.start()

    def start(self) -> None:
        """Start the process. Raises MissingError if its library is not installed."""
        self.process: Any = subprocess.Popen(
            [sys.executable, str(WORKER), self.checker],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | ONE_THREAD,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        arguments = (self.process, self.lines)
        self.reader = threading.Thread(target=self.read, args=arguments, daemon=True)
        self.reader.start()
        first = self.next_line(START_LIMIT)
        if "version" not in first:
            self.stop()
            raise MissingError(first.get("missing") or first["text"])
        self.version = str(first["version"])

    @staticmethod
    def read(process: Any, lines: queue.Queue[str]) -> None:
        """Put every line into the queue, then an empty line."""
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    def next_line(self, limit: float) -> dict[str, Any]:
        """The next line as a dictionary; {"outcome": "no answer"} after a crash or the limit."""
        try:
            line = self.lines.get(timeout=limit)
        except queue.Empty:
            return {"outcome": "no answer", "text": f"no answer after {limit:g} s"}
        if line:
            found: dict[str, Any] = json.loads(line)
            return found
        return {"outcome": "no answer", "text": f"the process ended: {self.process.wait()}"}

    def check(self, name: str) -> dict[str, Any]:
        """The checker's result for a case."""
        with suppress(OSError):  # the process has ended, and `next_line` says so
            self.process.stdin.write(f"{name}\n")
            self.process.stdin.flush()
        found = self.next_line(LIMIT)
        if found["outcome"] == "no answer":
            self.stop()
            self.start()
        return found

    def stop(self) -> None:
        """End the process and close its pipes."""
        self.process.kill()
        self.process.wait()
        self.reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):  # a command that the process did not read
                pipe.close()


def results_of(checker: str, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """("version", ...) first, then every name with its result; or ("missing", ...) alone."""
    try:
        worker = Worker(checker)
    except MissingError as missing:
        yield "missing", {"text": str(missing)}
        return
    yield "version", {"text": worker.version}
    try:
        for name in names:
            yield name, worker.check(name)
    finally:
        worker.stop()


def run(checkers: Sequence[str], names: Sequence[str], jobs: int) -> dict[str, dict[str, Any]]:
    """checker -> name -> result, with `jobs` checkers at the same time."""
    with ThreadPoolExecutor(jobs) as pool:
        found = pool.map(lambda checker: dict(results_of(checker, names)), checkers)
        return dict(zip(checkers, found, strict=True))
