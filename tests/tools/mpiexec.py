"""Start ranks by the mpiexec that is installed beside this Python, and end all of them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

TOOLS = Path(__file__).parent
MINIGAN = str(TOOLS / "rank.py")
LIMIT = 90  # seconds; a test that needs longer has found a rank that waits without end


def command(size: int, arguments: Sequence[str], options: Sequence[str] = ()) -> list[str]:
    """The command line of `size` ranks of a Python script."""
    mpiexec = Path(sys.executable).parent / "mpiexec"
    return [str(mpiexec), *options, "-n", str(size), sys.executable, "-W", "error", *arguments]


def environment(**variables: str) -> dict[str, str]:
    """Of the ranks: one thread each, and the modules of this checkout."""
    paths = [str(TOOLS.parents[1]), str(TOOLS), os.environ.get("PYTHONPATH", "")]
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**os.environ, **one, "PYTHONPATH": os.pathsep.join(paths), **variables}


def started(
    size: int,
    arguments: Sequence[str],
    folder: Path,
    options: Sequence[str] = (),
    **variables: str,
) -> subprocess.CompletedProcess[str]:
    """Run to the end in a folder. Raises TimeoutExpired if a rank waits without end."""
    with running(size, arguments, folder, options, **variables) as process:
        out, err = process.communicate(timeout=LIMIT)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@contextlib.contextmanager
def running(
    size: int,
    arguments: Sequence[str],
    folder: Path,
    options: Sequence[str] = (),
    **variables: str,
) -> Iterator[subprocess.Popen[str]]:
    """The launcher of ranks that run in a folder; on exit all of them are ended."""
    process = subprocess.Popen(
        command(size, arguments, options),
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for file in folder.glob("rank-*.pid"):  # mpiexec gives each rank a group of its own
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGKILL)
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
        process.wait()
