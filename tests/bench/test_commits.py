"""Each commit is measured by its own code, and its report names it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from minigan.bench.history import read_history

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "commits.py"
# A stand-in for minigan that writes what it is asked for; its report has the number N.
PACKAGE = """
import json, sys
words = sys.argv[1:]
facts = {"asked": words[:-1], "number": N}
report = {"format": 1, "date": "2026-05-06T07:08:09+00:00", "environment": facts, "tables": []}
open(words[-1], "w").write(json.dumps(report))
"""


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("commits", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return module


def git(folder: Path, *arguments: str) -> str:
    name = ["-c", "user.name=n", "-c", "user.email=e@x"]
    date = {"GIT_COMMITTER_DATE": "2026-03-01T12:00:00+01:00"}
    command = ["git", "-C", str(folder), *name, *arguments]
    environment = {**os.environ, **date}
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment
    ).stdout


def test_the_reports_of_two_commits_come_from_their_own_code(
    commits: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository, out = tmp_path / "repository", tmp_path / "out"
    (repository / "minigan").mkdir(parents=True)
    git(repository, "init")
    names = []
    for number in ("1", "2"):
        code = PACKAGE.replace("N}", f"{number}}}")
        (repository / "minigan" / "__main__.py").write_text(code)
        git(repository, "add", ".")
        git(repository, "commit", "-m", number)
        names.append(git(repository, "rev-parse", "HEAD").strip())
    monkeypatch.setattr(commits, "HERE", repository / "benchmarks")
    words = ["commits.py", names[0][:8], "HEAD", "--only", "parzen", "--folder", str(out)]
    monkeypatch.setattr(sys, "argv", words)
    commits.main()
    assert sorted(file.name for file in out.iterdir()) == sorted(
        f"2026-05-06T0708-{name[:7]}.json" for name in names
    )
    found = {report.environment["commit"]: report.environment for report in read_history(out)}
    assert [found[name]["number"] for name in names] == [1, 2]
    for name in names:
        assert found[name]["committed"] == "2026-03-01T12:00:00+01:00"
        asked = "bench --only parzen --threads 1 --quiet --json"
        assert " ".join(found[name]["asked"]) == asked
