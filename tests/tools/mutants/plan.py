"""What is mutated, and which tests are asked to notice."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FILES = (
    "minigan/arrays.py",
    "minigan/layers/dropout.py",
    "minigan/layers/linear.py",
    "minigan/layers/maxout.py",
    "minigan/layers/relu.py",
    "minigan/layers/sigmoid.py",
    "minigan/objectives.py",
    "minigan/parameters.py",
    "minigan/layers/descriptions.py",
    "minigan/trace.py",
    "minigan/network.py",
    "minigan/schedules.py",
    "minigan/optimizers.py",
    "minigan/game.py",
    "minigan/algorithm1.py",
    "minigan/draws/streams.py",
)
TOGETHER = (
    "tests/layers/test_promises.py",
    "tests/layers/test_network_promises.py",
    "tests/selfcheck/test_steps.py",
)
# It plants bugs of its own, one proof after the other: slow, and it asks nothing of the core that
# the proof of the unchanged code does not ask.
LEFT_OUT = "tests/selfcheck/test_selfcheck.py::test_a_wrong_sign_anywhere_is_seen"


def mirror(file: str) -> str:
    """The test file of a source file: minigan/a/b.py is tested by tests/a/test_b.py."""
    path = Path(file)
    return str(Path("tests", *path.parts[1:-1], f"test_{path.name}"))


def tests_for(file: str) -> list[str]:
    """The arguments for pytest: the file's own tests first, then those of all the core."""
    others = [mirror(other) for other in FILES]
    proofs = ["tests/selfcheck/test_functions.py", "tests/selfcheck/test_selfcheck.py"]
    ordered = dict.fromkeys([mirror(file), *others, *TOGETHER, *proofs])
    return [*ordered, f"--deselect={LEFT_OUT}"]


def snapshot(folder: Path) -> Path:
    """A copy of the package and its tests: edits during the run do not change the run."""
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
    for name in ("minigan", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder
