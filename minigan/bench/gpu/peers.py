"""PyTorch and JAX on the same GPU, where they are installed: the repository's folder benchmarks.

    python benchmarks/on_gpu.py --device cuda ...

The peers are no part of the package: they stand in a checkout, are verified like everything else,
and run in processes of their own. What cannot be measured is said in words.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from minigan.bench.gpu.facts import CHECKOUT
from minigan.bench.gpu.workload import GPUWorkload
from minigan.bench.tables import Table, from_json
from minigan.errors import UserError
from minigan.system.files import read_whole

LIBRARIES = ("torch", "jax")
SCRIPT = CHECKOUT / "benchmarks" / "on_gpu.py"
SECONDS = 3600.0


def installed() -> list[str]:
    """Which of the two can be imported."""
    return [name for name in LIBRARIES if find_spec(name) is not None]


def measured(
    workload: GPUWorkload, number: int, *, device: str = "cuda", script: Path = SCRIPT
) -> tuple[str, Table | None]:
    """What was measured in words, and the table of times on GPU `number`, if there is one."""
    names = installed()
    if not names:
        return "not installed", None
    if not script.is_file():
        return "not measured, as only a checkout of the repository has them", None
    with tempfile.TemporaryDirectory(prefix="minigan-gpu-") as folder:
        file = Path(folder) / "peers.json"
        said = _run(_command(workload, names, device, script, file), number)
        if said:
            return f"not measured: {said}", None
        try:
            report = from_json(read_whole(file, 10**7).decode())
        except (OSError, UserError) as error:
            return f"not measured: {error}", None
    words = [
        report.environment[name] for name in ("peers", "not timed") if report.environment[name]
    ]
    return "; ".join(words), report.tables[0] if report.tables[0].rows else None


def _command(
    workload: GPUWorkload, names: Sequence[str], device: str, script: Path, file: Path
) -> list[str]:
    batches = ",".join(map(str, workload.batches))
    sizes = ["--batches", batches, "--width", str(workload.played[0])]
    times = ["--rounds", str(workload.rounds), "--at-least", str(workload.at_least)]
    wanted = ["--device", device, "--libraries", ",".join(names), "--json", str(file)]
    return [sys.executable, str(script), *sizes, *times, *wanted]


def _run(command: Sequence[str], number: int) -> str:
    """Run it on one GPU alone; the last words of one that failed, or nothing."""
    seen = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    names = seen.split(",") if seen else []
    visible = names[number] if number < len(names) else str(number)
    # JAX would otherwise take three quarters of the memory at once.
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
        return f"they did not end in {SECONDS:g} s"
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
