"""Runs side by side: a failed or killed one does not stop the others."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import side_work
import tiny
from mpiexec import MINIGAN, started
from runs_of import QUIET

from minigan import cli
from minigan.errors import UserError
from minigan.reports.table1 import record, reproduce, side_by_side
from minigan.reports.table1.reproduce import table1
from minigan.training import recipes, trainer

LOG = {"every": 2, "save_every": 6, "keep_every": 0, "monitor": "parzen"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(side_work.FOLDER, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(recipes.to_toml(tiny.recipe(log=LOG)))
    return tmp_path


def without_seconds(file: Path) -> Any:
    """The record without what differs between processes: time, and the loaded BLAS libraries.

    This process may have loaded that of SciPy for another test.
    """
    record = {**json.loads(file.read_text()), "seconds": None}
    record["environment"].pop("blas")
    return record


def test_the_processors_are_shared_out(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert [side_by_side.threads_of_each(jobs) for jobs in (1, 2, 3, 8, 20)] == [8, 4, 2, 1, 1]


def test_a_failed_and_a_killed_run_are_reported_and_the_others_are_made(folder, capsys):
    failures = side_by_side.in_processes(side_work.mark, ["2", "3", "4", "8"], jobs=2)
    assert failures == {"3": "3 is odd", "4": "its process ended with status -9"}
    assert "the run 3 has failed: 3 is odd\n" in capsys.readouterr().err
    made = {file.name.split("-")[0]: file.name.split("-")[1] for file in folder.glob("?-?")}
    assert set(made) == {"2", "3", "4", "8"}
    assert set(made.values()) == {"0", "1"}  # no more than two at a time


def test_an_interrupt_ends_all_processes(folder):
    def interrupt() -> None:
        while not (folder / "6-0").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        side_by_side.in_processes(side_work.mark, ["6", "2"], jobs=1)
    assert time.monotonic() - start < 50
    assert not (folder / "2-0").exists()


def test_records_equal_those_of_runs_made_one_by_one(folder, capfd, monkeypatch):
    monkeypatch.setattr(reproduce, "threads_of_each", lambda jobs: 1)  # as in this process
    recipe = tiny.recipe(log=LOG)
    one_by_one = table1(recipe, [1, 2], folder / "one", quiet=True)
    trainer.train(
        tiny.recipe(optimizer__rate=0.2), 3, out=folder / "two/tiny-seed-3", reporting=QUIET
    )
    command = ["reproduce", "table1", "--recipe", "tiny.toml", "--seeds", "1,2,3", "--out", "two"]
    assert cli.main([*command, "--jobs", "3"]) == 2
    out, err = capfd.readouterr()
    assert out.count("| 1 | tiny-seed-") == 2
    assert "the run tiny-seed-3 has failed: two/tiny-seed-3 has another recipe or seed" in err
    assert err.endswith(
        "minigan: 1 of 3 runs have failed, tiny-seed-3: the reasons are above; the same command "
        "makes only these again\n"
    )
    assert "seed 1: run folder: two/tiny-seed-1\n" in err
    for one in one_by_one:
        name = f"tiny-seed-{one.seed}.json"
        assert without_seconds(folder / "one" / name) == without_seconds(folder / "two" / name)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_sweep_makes_a_run_of_each_value(folder, capfd, jobs):
    command = ["reproduce", "table1", "--recipe", "tiny.toml", "--seeds", "1", "--out", "out"]
    assert cli.main([*command, "--sweep", "optimizer.rate", "0.1", "0.2", "--jobs", jobs]) == 0
    out, err = capfd.readouterr()
    names = [f"tiny-optimizer.rate-{rate}-seed-1" for rate in ("0.1", "0.2")]
    for name, rate in zip(names, (0.1, 0.2), strict=True):
        assert record.read(folder / "out" / f"{name}.json").recipe.optimizer.rate == rate
        assert f"| {name} |" in out
        assert (f"{name}: run folder: out/{name}\n" in err) == (jobs == "2")


@pytest.mark.mpi
def test_the_ranks_of_mpiexec_make_the_same_records(folder):
    (expected,) = table1(tiny.recipe(log=LOG), [2], folder / "one", quiet=True)
    trainer.train(
        tiny.recipe(optimizer__rate=0.2), 3, out=folder / "two/tiny-seed-3", reporting=QUIET
    )
    command = [MINIGAN, "reproduce", "table1", "--recipe", "tiny.toml", "--out", "two"]
    end = started(3, [*command, "--seeds", "2,3"], folder)
    assert end.returncode == 2
    assert end.stdout.count("| 1 | tiny-seed-") == 1
    assert "the run tiny-seed-3 has failed: two/tiny-seed-3 has another recipe" in end.stderr
    assert "1 of 2 runs have failed" in end.stderr
    name = "tiny-seed-2.json"
    assert without_seconds(folder / "one" / name) == without_seconds(folder / "two" / name)
    assert record.read(folder / "two" / name).test == expected.test
    end = started(2, [*command, "--jobs", "2"], folder)
    assert (end.returncode, end.stdout) == (2, "")
    assert end.stderr == (
        "minigan: rank 0 distributes the runs to the other 1 of 2 ranks: --jobs must be at most 1\n"
    )


def test_the_error_for_other_actions_under_mpiexec(monkeypatch):
    monkeypatch.setenv("PMI_RANK", "0")
    monkeypatch.setenv("PMI_SIZE", "2")
    options = cli.commands.parser().parse_args(["reproduce", "table", "x"])
    with pytest.raises(UserError, match="minigan reproduce table runs in one process"):
        cli.commands.COMMANDS["reproduce"].run(options)
