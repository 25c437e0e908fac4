"""The record of a verification, gpu_verified.json, and the status that follows from it.

    hashes      SHA-256 of kernels.cu and of every Python file of minigan/backends
    status()    "verified on DEVICE at COMMIT", "not yet run on a GPU", or a status in between

A record is valid for the files with these hashes. If the files have changed since, the status says
so.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from minigan import backends
from minigan.bench.gpu.check import CheckResult
from minigan.bench.gpu.repeat import RepeatResult
from minigan.bench.gpu.sanitizer import Finding
from minigan.bench.tables import Measurements, Table, gpu_measurements
from minigan.errors import UserError
from minigan.system import json_files

FORMAT = 1
NAME = "gpu_verified.json"
NOT_RUN = "not yet run on a GPU"
LARGEST = 10**7  # bytes of the largest record that is read


@dataclass
class Verification:
    """The record of a verification; `verify` fills its lists step by step.

    Its fields are the keys of gpu_verified.json.
    """

    date: str
    commit: str | None
    changed: bool
    quick: bool
    device: dict[str, Any]
    versions: dict[str, Any]
    hashes: dict[str, str]
    checks: list[CheckResult] = field(default_factory=list)
    repeated: list[RepeatResult] = field(default_factory=list)
    sanitizer: str = ""
    findings: list[Finding] = field(default_factory=list)
    timings: list[Table] = field(default_factory=list)
    peers: str = ""

    @property
    def failures(self) -> list[str]:
        """One sentence for each failure."""
        return [
            *(f"{c.name}: {_reason(c)}" for c in self.checks if not c.passed),
            *(
                f"two trainings with {r.schedule} differ after {r.apart_after} iterations"
                for r in self.repeated
                if not r.passed
            ),
            *(
                f"compute-sanitizer --tool {f.tool}: {f.errors} errors, {f.of_kernels} of them "
                "in kernels of minigan"
                for f in self.findings
                if f.passed is False
            ),
        ]

    @property
    def passed(self) -> bool:
        """Whether there are results of both kinds of checks, and no failure."""
        return bool(self.checks and self.repeated) and not self.failures

    @property
    def measurements(self) -> Measurements:
        """The times as a report of a benchmark; `tables.read` returns the same from the file."""
        return gpu_measurements(self.date, self.device, self.versions, self.timings)

    def to_json(self) -> str:
        """The content of gpu_verified.json."""
        record = {
            "format": FORMAT,
            "passed": self.passed,
            "failures": self.failures,
            **asdict(self),
            "checks": [_check_record(check) for check in self.checks],
            "findings": [{**asdict(f), "passed": f.passed} for f in self.findings],
        }
        return json.dumps(record, indent=1, allow_nan=False) + "\n"


@dataclass(frozen=True)
class _DeviceFacts:
    name: str


@dataclass(frozen=True)
class _RecordFile:
    """The fields of a record that `status` reads."""

    format: int
    commit: str | None
    changed: bool
    quick: bool
    passed: bool
    failures: tuple[Any, ...]
    device: _DeviceFacts
    hashes: dict[str, Any]


def source_hashes(folder: Path | None = None) -> dict[str, str]:
    """{"backends/cuda/kernels.cu": SHA-256, ...}: the kernels and the code that launches them.

    `folder` is a folder minigan/backends; by default that of this package.
    """
    folder = folder or Path(backends.__file__).parent
    files = sorted(file for kind in ("*.py", "*.cu") for file in folder.rglob(kind))
    return {
        f"backends/{file.relative_to(folder).as_posix()}": hashlib.sha256(_text(file)).hexdigest()
        for file in files
    }


def read(path: Path) -> dict[str, Any] | None:
    """The record in a file, or None if there is no file. Raises UserError for another content."""
    if not path.exists():
        return None
    record: dict[str, Any] = json_files.load(path, LARGEST)
    found = json_files.fields_of(path, _RecordFile, record, others=True)
    if found.format != FORMAT:
        raise UserError(f"{path} is not a record of minigan bench --device cuda")
    return record


def status(path: Path, now: Mapping[str, str] | None = None) -> str:
    """The status of the kernels with the hashes `now` (default: this package's) by a record.

    Raises UserError if the file exists and is not a record.
    """
    record = read(path)
    if record is None:
        return NOT_RUN
    commit = record["commit"][:12] if record["commit"] else "an unknown commit"
    if record["changed"]:
        commit += " with changes"
    where = f"on {record['device']['name']} at {commit}"
    if not record["passed"]:
        count = len(record["failures"])
        sentence = f"run {where}, where {count} check{'s' * (count != 1)} failed"
    elif record["quick"]:
        sentence = f"run with --quick {where}, not verified"
    else:
        sentence = f"verified {where}"
    same = record["hashes"] == dict(source_hashes() if now is None else now)
    return sentence if same else f"{sentence}; the kernels have changed since"


def _text(file: Path) -> bytes:
    """The bytes of a source file with LF as line end, on every system."""
    return file.read_bytes().replace(b"\r\n", b"\n")


def _check_record(check: CheckResult) -> dict[str, Any]:
    return {
        "name": check.name,
        "error": _finite(check.error),
        "allowed": check.allowed,
        "metric": check.metric,
        "fault": check.fault,
        "passed": check.passed,
    }


def _reason(check: CheckResult) -> str:
    return check.fault or f"{check.error:.2g}, where {check.allowed:g} is allowed ({check.metric})"


def _finite(error: float) -> float | None:
    return error if math.isfinite(error) else None
