"""A run that is killed at any moment can be resumed without any loss."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import campaigns
import pytest
from runs_of import QUIET, dumped, train

from minigan.errors import UserError
from minigan.training import trainer

SCRIPT = Path(__file__).parent / "killed.py"


def test_a_run_killed_at_a_random_moment_goes_on_to_the_same_bytes():
    trials = campaigns.size(200, sample=40)
    result = subprocess.run(
        [sys.executable, "-W", "error", SCRIPT, str(trials), "9", str(campaigns.seed())],
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert result.stderr == ""
    summary = json.loads(result.stdout)
    assert summary["wrong"] == []
    assert (summary["trials"], result.returncode) == (trials, 0)
    killed = {key: summary[key] for key in summary if key.startswith("killed ")}
    assert sum(killed.values()) - killed["killed twice"] == trials
    assert killed["killed in the middle"] >= trials / 4, summary
    assert summary["resumed exactly"] + summary["refused in one sentence"] == trials
    assert summary["resumed exactly"] >= killed["killed in the middle"]


def test_going_on_removes_the_temporary_files_of_a_killed_process_and_no_others(tmp_path):
    straight, run = tmp_path / "straight", tmp_path / "run"
    train(straight, training__iterations=6, log__keep_every=3)
    train(run, training__iterations=3, log__keep_every=3)
    left = [folder / f".{16 * 'a'}.part" for folder in (run, run / "samples", run / "checkpoints")]
    mine = [run / ".mine.part", run / f"{16 * 'a'}.part", run / "samples" / ".hidden"]
    for path in left + mine:
        path.write_bytes(b"half")
    trainer.resume(run, 6, reporting=QUIET)
    assert [path for path in left if path.exists()] == []
    for path in mine:
        assert path.read_bytes() == b"half"
        path.unlink()
    assert dumped(run) == dumped(straight)


def test_a_refused_resumption_removes_nothing(tmp_path):
    run = tmp_path / "run"
    train(run, training__iterations=2)
    part = run / f".{16 * '0'}.part"
    part.write_bytes(b"half")
    (run / "checkpoint.npz").write_bytes(b"x")
    with pytest.raises(UserError, match="is damaged"):
        trainer.resume(run, 4, reporting=QUIET)
    assert part.exists()
