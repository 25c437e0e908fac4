"""NVIDIA's compute-sanitizer on a short run of the kernels, if the tool is installed.

    memcheck    accesses outside of an array        racecheck   races in shared memory
    initcheck   reads of uninitialized memory       synccheck   barriers that not all threads reach

Each tool runs `python -m minigan.bench.gpu DEVICE` in a separate process, without CuPy's memory
pool: in a pool, an access beyond one array is an access to another array. initcheck and racecheck
report false errors in the kernels of cuBLAS and CuPy. So their errors count only if they name a
kernel of minigan; errors of memcheck always count. Errors that the CUDA API returns are ignored,
because CuPy causes some when it queries the device.
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
SECONDS = 900.0  # time limit for each tool; without a tool the run takes a few seconds
SUMMARY = re.compile(r"ERROR SUMMARY: (\d+) error|RACECHECK SUMMARY: .*\((\d+) error")
LONGEST = 2000  # characters of the output that are kept for a failure


@dataclass(frozen=True)
class Finding:
    """The result of one tool.

    errors        the number of errors in its summary; None if there is no summary, so that
                  nothing is known
    of_kernels    the number of lines of its output that name a kernel of minigan
    ended_well    whether the exit status is 0
    words         the end of its output, if the tool did not pass
    """

    tool: str
    errors: int | None
    of_kernels: int
    ended_well: bool
    words: str

    @property
    def passed(self) -> bool | None:
        """True, False, or None if nothing is known."""
        if self.errors is None:
            return None
        count = self.errors if self.tool == "memcheck" else self.of_kernels
        return self.ended_well and count == 0


def find_sanitizer() -> Path | None:
    """compute-sanitizer in PATH, CUDA_HOME, CUDA_PATH or /usr/local/cuda; None if not found."""
    if path := shutil.which("compute-sanitizer"):
        return Path(path)
    homes = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"]
    for home in homes:
        for folder in ("bin", "compute-sanitizer"):
            if home and (path := shutil.which("compute-sanitizer", path=str(Path(home, folder)))):
                return Path(path)
    return None


def run_tool(sanitizer: Path, tool: str, device: str, *, seconds: float = SECONDS) -> Finding:
    """Run one tool on the short program, on a device such as "cuda:0"."""
    options = ["--tool", tool, "--report-api-errors", "no", "--target-processes", "all"]
    program = [sys.executable, "-m", "minigan.bench.gpu", device]
    try:
        done = subprocess.run(
            [str(sanitizer), *options, *program],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(tool, None, 0, False, f"timeout after {seconds:g} s")
    except OSError as error:
        return Finding(tool, None, 0, False, f"it cannot be run: {error.strerror}")
    return read(tool, done.stdout, done.returncode)


def read(tool: str, output: str, status: int) -> Finding:
    """The finding in the output of a tool and the exit status of the program it examined."""
    summaries = SUMMARY.findall(output)
    errors = sum(int(a or b) for a, b in summaries) if summaries else None
    names = "|".join(signatures(source()))
    at = re.compile(rf"^=+ .*\b(?:at|in) (?:\S+:)?(?:{names})(?:[+( ]|$)", re.MULTILINE)
    of_kernels = len(at.findall(output))
    finding = Finding(tool, errors, of_kernels, status == 0, "")
    if finding.passed:
        return finding
    return Finding(tool, errors, of_kernels, status == 0, output.strip()[-LONGEST:])
