"""The record of a verification, gpu_verified.json, and what may truthfully be said by it.

    hashes      SHA-256 of kernels.cu and of every file of minigan/backends, as they were played
    status()    "verified on DEVICE at COMMIT", or "not yet run on a GPU", or what lies between

A record speaks of the files whose hashes it has; where they have changed since, that is said.
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
from minigan.bench.gpu.repeat import Repeated
from minigan.bench.gpu.sanitizer import Finding
from minigan.bench.tables import Table
from minigan.errors import UserError
from minigan.system.files import read_whole

FORMAT = 1
NAME = "gpu_verified.json"
NEVER = "not yet run on a GPU"
LARGEST = 10**7  # bytes of a record that is read


@dataclass
class Verification:
    """What was found, filled in while it is found. Times are in the tables' own units."""

    date: str
    commit: str | None
    changed: bool
    quick: bool
    device: dict[str, Any]
    versions: dict[str, Any]
    hashes: dict[str, str]
    checks: list[CheckResult] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)
    sanitizer: str = ""
    findings: list[Finding] = field(default_factory=list)
    timings: list[Table] = field(default_factory=list)
    peers: str = ""

    @property
    def failures(self) -> list[str]:
        """A sentence for everything that went wrong."""
        return [
            *(f"{c.name}: {_how(c)}" for c in self.checks if not c.passed),
            *(
                f"two plays of {r.schedule} differ after {r.apart_after} iterations"
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
        """Whether something was checked, and nothing went wrong."""
        return bool(self.checks and self.repeated) and not self.failures

    def to_json(self) -> str:
        """The text of gpu_verified.json."""
        found = {
            "format": FORMAT,
            "passed": self.passed,
            "failures": self.failures,
            **asdict(self),
            "checks": [
                {**asdict(c), "error": _finite(c.error), "passed": c.passed} for c in self.checks
            ],
            "findings": [{**asdict(f), "passed": f.passed} for f in self.findings],
        }
        return json.dumps(found, indent=1, allow_nan=False) + "\n"


def hashes(folder: Path | None = None) -> dict[str, str]:
    """{"backends/cuda/kernels.cu": SHA-256, ...}: the kernels and all code that launches them.

    `folder` is that of minigan.backends, of this package unless another is given.
    """
    folder = folder or Path(backends.__file__).parent
    files = sorted(file for kind in ("*.py", "*.cu") for file in folder.rglob(kind))
    return {
        f"backends/{file.relative_to(folder).as_posix()}": hashlib.sha256(_text(file)).hexdigest()
        for file in files
    }


def read(path: Path) -> dict[str, Any] | None:
    """The record in a file, or None where there is none. Raises UserError where it is no record."""
    try:
        found = json.loads(read_whole(path, LARGEST))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read as a record of a GPU: {error}") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or not _is_whole(found):
        raise UserError(f"{path} is no record that minigan bench --device cuda wrote")
    return found


def status(path: Path, now: Mapping[str, str] | None = None) -> str:
    """What may be said of the kernels whose hashes are `now` (this package's), given a record.

    Raises UserError where the file is there and is no record.
    """
    found = read(path)
    if found is None:
        return NEVER
    commit = found["commit"][:12] if found["commit"] else "an unknown commit"
    if found["changed"]:
        commit += " with changes"
    where = f"on {found['device']['name']} at {commit}"
    if not found["passed"]:
        count = len(found["failures"])
        said = f"run {where}, where {count} check{'s' * (count != 1)} failed"
    elif found["quick"]:
        said = f"tried in small {where}, not verified"
    else:
        said = f"verified {where}"
    same = found["hashes"] == dict(hashes() if now is None else now)
    return said if same else f"{said}; the kernels have changed since"


def _text(file: Path) -> bytes:
    """The bytes of a source, whatever a checkout made of the ends of its lines."""
    return file.read_bytes().replace(b"\r\n", b"\n")


def _is_whole(found: dict[str, Any]) -> bool:
    kinds = {"passed": bool, "quick": bool, "changed": bool, "failures": list, "hashes": dict}
    return (
        all(isinstance(found.get(name), kind) for name, kind in kinds.items())
        and isinstance(found.get("commit"), str | None)
        and isinstance(found.get("device"), dict)
        and isinstance(found["device"].get("name"), str)
    )


def _how(check: CheckResult) -> str:
    return check.fault or f"{check.error:.2g}, where {check.allowed:g} is allowed ({check.told})"


def _finite(error: float) -> float | None:
    return error if math.isfinite(error) else None
