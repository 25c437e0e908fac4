"""The command line: help, exit statuses, and one message for every error."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from refused import refused

import minigan
from minigan import cli
from minigan.errors import UserError
from minigan.training import trainer
from minigan.training.stopping import TrainingStopped


def test_the_help_names_every_command_and_the_exit_statuses(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    commands = (
        "train",
        "sample",
        "parzen",
        "figure",
        "report",
        "reproduce",
        "data",
        "gradcheck",
        "theory",
        "bench",
        "info",
    )
    for command in (*commands, "--version"):
        assert re.search(rf"^ +{command}\s+\w", out, flags=re.M), command
    assert (
        "0 success, 1 a check failed or training stopped, 2 invalid input, 130 interrupted"
        in " ".join(out.split())
    )


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"minigan {minigan.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [([], "COMMAND"), (["tran"], "tran"), (["train", "--nope"], "--nope"), (["sample"], "RUN")],
)
def test_the_message_names_the_wrong_argument(capsys, arguments, name):
    assert name in refused(capsys, arguments)


NO_ROOM = ImportError("lib.so: failed to map segment", name="PIL._imaging")
NO_TQDM = ModuleNotFoundError("No module named 'tqdm'", name="tqdm")
BAD_SEEDS = [
    "-1",
    str(2**64),
    "x",
    "1e3",
    "1.0",
    "",
    " 1",
    "+1",
    "0x1",
    "1_0",
    "٣",
    "²",
    "9" * 5000,
]


@pytest.mark.parametrize("seed", BAD_SEEDS)
@pytest.mark.parametrize("command", [["train"], ["sample", "run"], ["theory"]])
def test_a_bad_seed_is_refused(capsys, command, seed):
    sentence = refused(capsys, [*command, f"--seed={seed}"])
    assert f"argument --seed: {seed!r} is not a whole number from 0 to {2**64 - 1}" in sentence


def test_a_negative_seed_as_a_separate_argument_is_refused(capsys):
    assert "'-1' is not a whole number" in refused(capsys, ["train", "--seed", "-1"])


@pytest.mark.parametrize(
    ("arguments", "range_"),
    [
        (["train", "--iterations"], "from 1 to 1000000000"),
        (["sample", "run", "--count"], "from 1 to 1000000"),
    ],
)
@pytest.mark.parametrize("number", ["0", "-5", "1000000001", "10" * 12, "1e2", "ten", "1.5"])
def test_a_count_out_of_its_range_is_refused(capsys, arguments, range_, number):
    *start, option = arguments
    sentence = refused(capsys, [*start, f"{option}={number}"])
    assert f"{number!r} is not a whole number {range_} (see minigan" in sentence


@pytest.mark.parametrize("command", [["train", "tiny.toml"], ["sample", "run"]])
def test_an_unknown_device_is_refused_with_the_choices(run, capsys, command):
    sentence = refused(capsys, [*command, "--device", "nonsense"])
    assert sentence == "minigan: there is no device 'nonsense': choose cpu, cuda or cuda:1"


@pytest.mark.parametrize("command", [["train", "tiny.toml"], ["sample", "run"]])
def test_cuda_without_cupy_is_an_error_and_does_not_use_the_cpu(run, capsys, monkeypatch, command):
    monkeypatch.setitem(sys.modules, "cupy", None)
    sentence = refused(capsys, [*command, "--device", "cuda"])
    assert sentence.startswith("minigan: device cuda needs CuPy")
    assert not os.path.exists("runs")


def raising(monkeypatch, error):
    def refuse(*arguments, **options):
        raise error

    monkeypatch.setattr(trainer, "train", refuse)


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (UserError("use less"), 2, "use less"),
        (TrainingStopped("at 7"), 1, "at 7"),
        (
            OSError(28, "No space left on device", "a"),
            2,
            "cannot read or write a: No space left on",
        ),
        (OSError("odd"), 2, "cannot read or write the output: odd"),
        (MemoryError(), 2, "not enough memory: use fewer samples or smaller networks"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (NO_ROOM, 2, "a library cannot be loaded: lib.so: failed to map segment; raise the memory"),
        (NO_TQDM, 2, "a library cannot be loaded: No module named 'tqdm'; install minigan again"),
        (ImportError("cannot import name", name="minigan.game"), 1, "internal error"),
    ],
)
def test_each_error_has_its_exit_status_and_message(capsys, monkeypatch, error, status, sentence):
    raising(monkeypatch, error)
    assert cli.main(["train"]) == status
    assert capsys.readouterr().err.startswith(f"minigan: {sentence}")


def test_of_the_long_message_of_numpy_only_the_reason_is_shown(capsys, monkeypatch):
    outer = ImportError("IMPORTANT: PLEASE READ THIS", name="numpy")
    outer.__cause__ = NO_ROOM
    raising(monkeypatch, outer)
    assert cli.main(["train"]) == 2
    assert capsys.readouterr().err.startswith("minigan: a library cannot be loaded: lib.so: ")


def test_an_internal_error_is_one_message_with_status_1(monkeypatch, capsys):
    raising(monkeypatch, ZeroDivisionError("division\nby zero"))
    assert cli.main(["train"]) == 1
    assert capsys.readouterr().err == (
        "minigan: internal error, please report it: ZeroDivisionError: division by zero "
        "(--debug shows the traceback)\n"
    )


@pytest.mark.parametrize("error", [ZeroDivisionError(), UserError("x"), KeyboardInterrupt()])
def test_debug_shows_the_traceback_of_any_error(monkeypatch, error):
    raising(monkeypatch, error)
    with pytest.raises(type(error)):
        cli.main(["train", "--debug"])


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_ends_the_command_without_a_message(unbuffered):
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-m", "minigan", "info"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (141, "")


def shell(line, cwd):
    return subprocess.run(
        ["sh", "-c", line.replace("minigan", f"{sys.executable} -m minigan")],
        capture_output=True,
        text=True,
        cwd=cwd,
    )


@pytest.mark.parametrize("words", ["info", "train tiny.toml --quiet --out run", "--help"])
def test_closed_streams_are_not_an_error(tmp_path, words):
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        done = shell(f"(minigan {words} {closed}); echo $?", tmp_path)
        assert done.stdout.splitlines()[-1] == "0", (closed, done)
        assert "Traceback" not in done.stderr
        assert "internal error" not in done.stdout + done.stderr
        shutil.rmtree(tmp_path / "run", ignore_errors=True)


def test_a_full_output_device_is_one_message_with_status_2(tmp_path):
    for words in ("info", "theory", "--version"):
        done = shell(f"minigan {words} > /dev/full", tmp_path)
        assert "Exception ignored" not in done.stderr
        if words != "--version":
            assert done.returncode == 2
            assert done.stderr == (
                "minigan: cannot read or write the output: No space left on device\n"
            )


def test_a_character_that_the_terminal_cannot_encode_is_escaped(tmp_path):
    line = "PYTHONIOENCODING=ascii minigan train tiny.toml --quiet --out ünï"
    done = shell(line, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\xfcn\\xef/samples.png" in done.stdout


@pytest.mark.parametrize("option", ["--out", "--data-dir", "--resume"])
def test_an_empty_path_is_refused(capsys, option):
    assert "the path is empty" in refused(capsys, ["train", "tiny.toml", option, ""])


def test_a_line_feed_in_a_name_does_not_split_the_message(capsys):
    refused(capsys, ["sample", "a\nb"])


def test_control_characters_of_files_do_not_reach_the_terminal(tmp_path, capsys):
    (tmp_path / "a.toml").write_text('"\\u001b]0;owned\\u0007" = 1\n')
    assert cli.main(["train", str(tmp_path / "a.toml")]) == 2
    np.savez(tmp_path / "s.npz", **{"\x1b[2J": np.ones(3), "b": np.ones(3)})
    assert cli.main(["parzen", "--samples", str(tmp_path / "s.npz"), "--data", "digits"]) == 2
    with pytest.raises(SystemExit):
        cli.main(["train", "--seed", "\x1b[2J"])
    (tmp_path / "\x1b[2J").mkdir()
    assert cli.main(["data", "list", "--data-dir", str(tmp_path / "\x1b[2J")]) == 0
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert said.err.count("\\x1b") == 3
    assert "\\x1b[2J" in said.out
