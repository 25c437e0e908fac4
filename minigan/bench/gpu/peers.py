"""The times of PyTorch and JAX on the same GPU, if they are installed.

    python benchmarks/on_gpu.py --device cuda ...

The peers are not part of the package: their code is in the folder benchmarks of a checkout. They
are verified before they are timed, and run in separate processes. If they cannot be measured, the
record contains the reason.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from minigan.bench import tables
from minigan.bench.gpu.workload import GPUWorkload
from minigan.bench.tables import Table
from minigan.errors import UserError
from minigan.system.commit import CHECKOUT

LIBRARIES = ("torch", "jax")
SCRIPT = CHECKOUT / "benchmarks" / "on_gpu.py"
SECONDS = 3600.0


def installed_libraries() -> list[str]:
    """The names of the libraries that can be imported."""
    return [name for name in LIBRARIES if find_spec(name) is not None]


def measure_peers(
    workload: GPUWorkload, number: int, *, device: str = "cuda", script: Path = SCRIPT
) -> tuple[str, Table | None]:
    """A description of what was measured, and the table of times on GPU `number` or None."""
    names = installed_libraries()
    if not names:
        return "not installed", None
    if not script.is_file():
        return "not measured, because only a checkout of the repository contains them", None
    with tempfile.TemporaryDirectory(prefix="minigan-gpu-") as folder:
        file = Path(folder) / "peers.json"
        error_text = _run(_command(workload, names, device, script, file), number)
        if error_text:
            return f"not measured: {error_text}", None
        try:
            report = tables.read(file)
        except UserError as error:
            return f"not measured: {error}", None
    facts = [
        report.environment[name] for name in ("peers", "not timed") if report.environment[name]
    ]
    return "; ".join(facts), report.tables[0] if report.tables[0].rows else None


def _command(
    workload: GPUWorkload, names: Sequence[str], device: str, script: Path, file: Path
) -> list[str]:
    batches = ",".join(map(str, workload.batches))
    sizes = ["--batches", batches, "--width", str(workload.paper[0])]
    times = ["--rounds", str(workload.rounds), "--at-least", str(workload.at_least)]
    files = ["--device", device, "--libraries", ",".join(names), "--json", str(file)]
    return [sys.executable, str(script), *sizes, *times, *files]


def _run(command: Sequence[str], number: int) -> str:
    """Run the command on one GPU; return the last line of its error, or "" if it succeeds."""
    listed = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    names = listed.split(",") if listed else []
    visible = names[number] if number < len(names) else str(number)
    # By default JAX allocates three quarters of the memory at its start.
    settings = {"CUDA_VISIBLE_DEVICES": visible, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            env=os.environ | settings,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"timeout after {SECONDS:g} s"
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
