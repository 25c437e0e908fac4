"""NVIDIA's compute-sanitizer over a short play, where the tool is there.

    memcheck    accesses outside of an array        racecheck   races in shared memory
    initcheck   reads of what nobody has written    synccheck   barriers that not all threads reach

Each runs `python -m minigan.bench.gpu DEVICE` as a process of its own, without CuPy's memory pool:
in a pool, an access beyond an array is inside of another one. cuBLAS and CuPy have kernels too, and
initcheck and racecheck know false alarms there: an error counts where it names a kernel of minigan;
those of memcheck count wherever they are. Errors that calls of the CUDA API return are left out, as
CuPy provokes some to find out what there is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from minigan.backends.cuda.fused import source
from minigan.backends.cuda.launcher import signatures

TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
NOT_PRESENT = "not present"
SECONDS = 900.0  # for each tool; the play itself takes a few
SUMMARY = re.compile(r"ERROR SUMMARY: (\d+) error|RACECHECK SUMMARY: .*\((\d+) error")
LONGEST = 2000  # characters of the output that are kept where something is wrong


@dataclass(frozen=True)
class Finding:
    """What one tool said: its count of errors, and how often it named a kernel of minigan.

    `errors` is None where the tool did not come to a summary: then nothing is known, and `words`
    says what it wrote last.
    """

    tool: str
    errors: int | None
    of_kernels: int
    ended_well: bool
    words: str

    @property
    def passed(self) -> bool | None:
        """True, False, or None where nothing is known."""
        if self.errors is None:
            return None
        wrong = self.errors if self.tool == "memcheck" else self.of_kernels
        return self.ended_well and wrong == 0


def find_sanitizer() -> Path | None:
    """compute-sanitizer of the PATH, of CUDA_HOME or CUDA_PATH, or of the usual place."""
    if found := shutil.which("compute-sanitizer"):
        return Path(found)
    homes = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"]
    for home in homes:
        for folder in ("bin", "compute-sanitizer"):
            if home and (found := shutil.which("compute-sanitizer", path=str(Path(home, folder)))):
                return Path(found)
    return None


def run_tool(sanitizer: Path, tool: str, device: str, *, seconds: float = SECONDS) -> Finding:
    """Run one tool over the short play on a device such as "cuda:0"."""
    options = ["--tool", tool, "--report-api-errors", "no", "--target-processes", "all"]
    play = [sys.executable, "-m", "minigan.bench.gpu", device]
    try:
        done = subprocess.run(
            [str(sanitizer), *options, *play],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(tool, None, 0, False, f"it did not end in {seconds:g} s")
    except OSError as error:
        return Finding(tool, None, 0, False, f"it cannot be run: {error.strerror}")
    return read(tool, done.stdout, done.returncode)


def read(tool: str, output: str, status: int) -> Finding:
    """The finding in what a tool wrote, and in the exit status of what it watched."""
    summaries = SUMMARY.findall(output)
    errors = sum(int(a or b) for a, b in summaries) if summaries else None
    names = "|".join(signatures(source()))
    at = re.compile(rf"^=+ .*\b(?:at|in) (?:\S+:)?(?:{names})(?:[+( ]|$)", re.MULTILINE)
    of_kernels = len(at.findall(output))
    finding = Finding(tool, errors, of_kernels, status == 0, "")
    if finding.passed:
        return finding
    return Finding(tool, errors, of_kernels, status == 0, output.strip()[-LONGEST:])
