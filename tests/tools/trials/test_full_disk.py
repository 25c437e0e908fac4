"""A disk that refuses more bytes ends a run with one sentence, and what was saved goes on."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

import tiny
from runs_of import dumped, iteration_of, log_of, train

from minigan import cli
from minigan.training import recipes

STEP, TOTAL = 10, 120
CHANGES = {
    "training__iterations": TOTAL,
    "log__every": 1,
    "log__save_every": STEP,
    "log__monitor": "none",
}


def limited(tmp_path, limit):
    """The run's folder, and what the command says where no file may exceed so many bytes."""
    path, run = tmp_path / "tiny.toml", tmp_path / "run"
    path.write_text(recipes.to_toml(tiny.recipe(**CHANGES)))
    process = subprocess.Popen(
        [sys.executable, "-m", "minigan", "train", str(path), "--out", str(run), "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert not list(run.rglob(".*"))
    return run, err


def test_a_log_that_finds_no_room_ends_the_run_and_loses_nothing(tmp_path, capsys):
    run, err = limited(tmp_path, 15_000)  # the log is larger, every other file is smaller
    assert err == (
        f"minigan: the system refused {run / 'log.jsonl'}: File too large; what was saved before "
        f"is whole, and minigan train --resume {run} goes on from it\n"
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
        f"minigan: the system refused {run / 'checkpoint.npz'}: File too large; "
        f"nothing was saved yet: delete {run} and begin again\n"
    )
    assert cli.main(["train", "--resume", str(run)]) == 2
    assert capsys.readouterr().err == f"minigan: there is no checkpoint {run / 'checkpoint.npz'}\n"
