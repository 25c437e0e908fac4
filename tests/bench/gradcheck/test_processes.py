"""A crash, a hang and a missing library are results, and the next case is checked."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

processes = importlib.import_module("processes")

WORKER = """
import json, os, sys, time
if sys.argv[1] == "absent":
    print(json.dumps({"missing": "No module named 'absent'"}))
    sys.exit()
print(json.dumps({"version": "1.0"}), flush=True)
for line in sys.stdin:
    if line == "crash\\n":
        os._exit(3)
    if line == "hang\\n":
        time.sleep(60)
    print(json.dumps({"outcome": "passed", "text": line.strip()}), flush=True)
"""


@pytest.fixture(autouse=True)
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "worker.py"
    file.write_text(WORKER, encoding="utf-8")
    monkeypatch.setattr(processes, "WORKER", file)
    monkeypatch.setattr(processes, "LIMIT", 2.0)


def test_a_crash_or_a_hang_is_the_result_of_one_case_only() -> None:
    names = ["a", "crash", "b", "hang", "c"]
    found = processes.run(["checker"], names, 1)["checker"]
    assert found["version"]["text"] == "1.0"
    assert [found[name]["outcome"] for name in names] == [
        "passed",
        "no answer",
        "passed",
        "no answer",
        "passed",
    ]
    assert found["crash"]["text"] == "the process ended: 3"
    assert found["hang"]["text"] == "no answer after 2 s"


def test_a_missing_library_is_reported() -> None:
    found = processes.run(["absent", "checker"], ["a"], 2)
    assert found["absent"] == {"missing": {"text": "No module named 'absent'"}}
    assert found["checker"]["a"]["outcome"] == "passed"
