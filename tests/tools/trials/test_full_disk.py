"""A full disk ends a run with one sentence, and the saved run can be resumed."""

from __future__ import annotations

import os
import subprocess
import sys

import tiny
from runs_of import dumped, iteration_of, log_of, train

from minigan import cli
from minigan.training import recipes

LIMITED = """
import resource, sys
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from minigan.__main__ import main
sys.exit(main())
"""
STEP, TOTAL = 10, 120
CHANGES = {
    "training__iterations": TOTAL,
    "log__every": 1,
    "log__save_every": STEP,
    "log__monitor": "none",
}


def limited(tmp_path, limit):
    """Run with at most `limit` bytes a file. Returns the run's folder and stderr."""
    path, run = tmp_path / "tiny.toml", tmp_path / "run"
    path.write_text(recipes.to_toml(tiny.recipe(**CHANGES)))
    options = ["train", str(path), "--out", str(run), "--quiet"]
    process = subprocess.Popen(
        [sys.executable, "-c", LIMITED, str(limit), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert not list(run.rglob(".*"))
    return run, err


def test_a_log_that_finds_no_room_ends_the_run_and_loses_nothing(tmp_path, capsys):
    run, err = limited(tmp_path, 15_000)  # only the log exceeds this
    assert err == (
        f"minigan: cannot read or write {run / 'log.jsonl'}: File too large; the last checkpoint "
        f"is intact; continue from it: minigan train --resume {run}\n"
    )
    lines = log_of(run)
    assert STEP < len(lines) < TOTAL
    assert iteration_of(run) == len(lines) // STEP * STEP
    assert cli.main(["train", "--resume", str(run), "--quiet"]) == 0
    capsys.readouterr()
    train(tmp_path / "straight", **CHANGES)
    assert dumped(run) == dumped(tmp_path / "straight")


def test_where_nothing_could_be_saved_the_sentence_says_so_and_so_does_a_resumption(
    tmp_path, capsys
):
    run, err = limited(tmp_path, 5_000)
    assert err == (
        f"minigan: cannot read or write {run / 'checkpoint.npz'}: File too large; "
        f"there is no checkpoint yet: delete {run} and start again\n"
    )
    assert cli.main(["train", "--resume", str(run)]) == 2
    assert capsys.readouterr().err == (
        f"minigan: there is no checkpoint {run / 'checkpoint.npz'}; the run has no other "
        f"checkpoint that can be read; to train it again: minigan train {run / 'recipe.toml'} "
        "--seed 1\n"
    )
