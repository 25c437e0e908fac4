"""python benchmarks/gradcheck: tables, reports, one case, wrong arguments."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "benchmarks" / "gradcheck"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FOLDER), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_a_sample_gives_two_tables_of_80_columns_and_both_reports(tmp_path: Path) -> None:
    reports = ["--json", str(tmp_path / "r.json"), "--markdown", str(tmp_path / "r.md")]
    done = run("--sample", "4", "--tools", "minigan,scipy", *reports)
    assert done.returncode == 0, done.stderr
    tables = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert max(map(len, tables)) <= 80
    assert sum(line.startswith("| scipy") for line in tables) == 2
    assert (tmp_path / "r.md").read_text("utf-8").strip() == done.stdout.strip()
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    for part in ("bugs", "right"):
        assert len(report[part]["minigan"]["cases"]) == 4


def test_one_case_shows_what_a_tool_says() -> None:
    done = run("--case", "linear/bias_wrong_sign", "--tools", "minigan,autograd")
    assert done.returncode == 0, done.stderr
    assert "wrong: b" in done.stdout
    assert "minigan: caught, diagnosis helpful" in done.stdout
    assert "autograd: caught" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--case", "linear/bias"], "no case is called linear/bias"),
        (["--tools", "minigan,caffe"], "no tool is called caffe"),
        (["--sample", "0"], "--sample is 0; it must be at least 1"),
        (["--jobs", "-1"], "--jobs is -1; it must be at least 1"),
    ],
)
def test_a_wrong_argument_gives_one_sentence_and_status_2(arguments: list[str], text: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert text in done.stderr
    assert "Traceback" not in done.stderr
