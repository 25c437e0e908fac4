"""Ranks of `minigan`: when one fails, all end, with one sentence and a whole checkpoint."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from mpiexec import LIMIT, MINIGAN, environment, running, started
from runs_of import log_of

from minigan.training import trainer
from minigan.training.recorder import Reporting
from minigan.training.runs import checkpoint

TRAIN = [MINIGAN, "train", "tiny.toml", "--out", "run", "--quiet"]
LONG = [*TRAIN, "--iterations", "1000000", "--set", "log.save_every=20", "--set", "log.every=20"]
LONG += ["--set", "log.monitor=none"]


def ended(process, folder):
    """(status, standard output, standard error) of a launcher; no rank may be left."""
    out, err = process.communicate(timeout=LIMIT)
    for file in folder.glob("rank-*.pid"):
        for _ in range(100):
            if not os.path.exists(f"/proc/{file.read_text()}"):
                break
            time.sleep(0.05)
        else:
            raise AssertionError(f"{file.name} still runs")
    return process.returncode, out, err


def begun(folder, iterations=20):
    """Wait until a run has a checkpoint of an iteration."""
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        file = folder / "run/checkpoint.npz"
        if file.exists() and int(checkpoint.load(file)["iteration"]) >= iterations:
            return
        time.sleep(0.02)
    raise AssertionError("the run has not begun")


def signalled(folder, rank, number):
    os.kill(int((folder / f"rank-{rank}.pid").read_text()), number)


def without_mpi(arguments, **variables):
    """The command as a process of a launcher that does not start MPI."""
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env=environment(**variables),
    )


def test_a_command_for_one_process_is_refused_by_one_rank_of_a_machine():
    for rank, expected in (("0", "minigan: minigan gradcheck runs in one process: st"), ("1", "")):
        variables = {"PMI_RANK": rank, "PMI_SIZE": "2", "MPI_LOCALRANKID": rank}
        result = without_mpi(["-m", "minigan", "gradcheck"], **variables)
        assert (result.returncode, result.stdout, result.stderr[:50]) == (2, "", expected)


def test_only_rank_0_prints():
    for rank, expected in (("0", "usage: minigan"), ("1", "")):
        result = without_mpi(["-m", "minigan", "--help"], PMI_RANK=rank, PMI_SIZE="2")
        assert (result.returncode, result.stdout[:14], result.stderr) == (0, expected, "")


@pytest.mark.mpi
def test_a_run_of_two_ranks_resumed_by_three_is_that_of_one_process(tmp_path, capsys):
    end = started(2, [*TRAIN, "--csv", "--iterations", "3"], tmp_path)
    assert (end.returncode, end.stderr) == (0, "")
    assert end.stdout.startswith("3 iterations in ")
    end = started(3, [MINIGAN, "train", "--resume", "run", "--iterations", "6"], tmp_path)
    assert end.returncode == 0
    assert "the number of ranks was 2 and is 3" in end.stderr
    assert end.stdout.count("6 iterations in ") == 1
    assert trainer.resume(tmp_path / "run", 7, reporting=Reporting(quiet=True)).iterations == 7
    one = started(1, [*TRAIN[:-2], "one", "--quiet", "--iterations", "7"], tmp_path)
    assert (one.returncode, one.stderr) == (0, "")
    found, expected = (
        checkpoint.load(tmp_path / name / "checkpoint.npz") for name in ("run", "one")
    )
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, rtol=1e-3, atol=1e-5, err_msg=name)
    lines = [{line["iteration"]: line["V"] for line in log_of(tmp_path / "run")}, {}]
    for line in log_of(tmp_path / "one"):
        assert lines[0][line["iteration"]] == pytest.approx(line["V"], rel=1e-4)


@pytest.mark.mpi
@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["train", "absent"], 2, "minigan: there is no recipe 'absent'"),
        (["train", "tiny.toml", "--set", "training.m=1"], 2, "minigan: training.m = 1 is less"),
        (
            ["train", "tiny.toml", "--quiet", "--set", "optimizer.rate=1000"],
            1,
            "minigan: training stopped in iteration ",
        ),
    ],
)
def test_an_error_of_all_ranks_is_one_sentence(tmp_path, arguments, status, sentence):
    end = started(2, [MINIGAN, *arguments], tmp_path)
    assert (end.returncode, end.stdout) == (status, "")
    assert end.stderr.startswith(sentence)
    assert end.stderr.count("\n") == 1


@pytest.mark.mpi
@pytest.mark.parametrize("rank", [0, 1])
def test_sigterm_to_one_rank_saves_and_ends_all(tmp_path, rank):
    with running(2, LONG, tmp_path) as process:
        begun(tmp_path)
        signalled(tmp_path, rank, signal.SIGTERM)
        status, out, err = ended(process, tmp_path)
    assert (status, err) == (130, "")
    words = out.split()
    assert words[:2] == ["interrupted", "after"]
    assert checkpoint.load(tmp_path / "run/checkpoint.npz")["iteration"] == int(words[2])


@pytest.mark.mpi
def test_ctrl_c_of_the_launcher_saves_and_ends_all(tmp_path):
    with running(3, LONG, tmp_path) as process:
        begun(tmp_path)
        process.send_signal(signal.SIGINT)
        status, out, _ = ended(process, tmp_path)  # mpiexec says on standard error what it sends
    assert status == 130
    assert out.count("interrupted after") == 1


@pytest.mark.mpi
def test_a_killed_rank_ends_all_and_the_last_checkpoint_is_whole(tmp_path):
    """At random moments, also in a write of rank 0. mpiexec reports which process was killed."""
    rng = np.random.default_rng()
    with running(2, LONG, tmp_path) as process:
        begun(tmp_path, 0)
        time.sleep(rng.uniform(0, 2))
        signalled(tmp_path, rng.integers(2), signal.SIGKILL)
        assert ended(process, tmp_path)[0] == signal.SIGKILL
    first = int(checkpoint.load(tmp_path / "run/checkpoint.npz")["iteration"])
    resume = [MINIGAN, "train", "--resume", "run", "--iterations", str(first + 1), "--quiet"]
    end = started(2, resume, tmp_path)
    assert (end.returncode, end.stderr) == (0, "")


@pytest.mark.mpi
def test_a_rank_that_hangs_ends_all_after_the_longest_wait(tmp_path):
    with running(2, LONG, tmp_path, MINIGAN_MPI_WAIT="2") as process:
        begun(tmp_path)
        signalled(tmp_path, 1, signal.SIGSTOP)
        status, out, err = ended(process, tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith("minigan: another rank has not answered for 2 s")
    assert err.count("\n") == 1
    checkpoint.load(tmp_path / "run/checkpoint.npz")


@pytest.mark.mpi
@pytest.mark.parametrize("rank", [0, 1])
def test_a_file_that_cannot_be_written_ends_all(tmp_path, rank):
    """A limit of the file size. It matters for rank 0 only: the others write nothing."""
    end = started(2, [*TRAIN, "--csv"], tmp_path, MINIGAN_TEST_LIMIT=str(rank))
    if rank:
        assert (end.returncode, end.stderr) == (0, "")
        return
    assert (end.returncode, end.stdout) == (2, "")
    assert end.stderr.startswith("minigan: cannot read or write ")
    assert "; " in end.stderr
    assert end.stderr.count("\n") == 1
