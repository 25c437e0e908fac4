"""`minigan report`: the printed path, and one message for every wrong input."""

from __future__ import annotations

from pathlib import Path

import pytest
from refused import refused

from minigan import cli


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """A cache folder for these tests."""
    folder = tmp_path_factory.getbasetemp() / "cache-of-score"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))


def test_report_prints_the_path_and_nothing_else(run, capsys):
    assert cli.main(["report", run]) == 0
    assert capsys.readouterr() == ("run/report.html\n", "")
    assert "Log-likelihood" in Path("run/report.html").read_text("utf-8")


def test_report_writes_to_out_and_no_score_leaves_the_score_out(run, capsys):
    assert cli.main(["report", run, "--out", "a.html", "--no-score"]) == 0
    assert capsys.readouterr() == ("a.html\n", "")
    assert "Log-likelihood" not in Path("a.html").read_text("utf-8")


def test_on_a_terminal_slow_steps_are_shown_unless_quiet(run, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert cli.main(["report", run, "--no-score"]) == 0
    assert capsys.readouterr().err == "figure 2\nfigure 3\n"
    assert cli.main(["report", run, "--quiet"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("name", ["checkpoint", "best"])
def test_a_damaged_checkpoint_is_a_warning_also_if_quiet(run, capsys, name):
    file = Path(f"run/{name}.npz")
    file.write_bytes(file.read_bytes()[:100])
    assert cli.main(["report", run, "--no-score", "--quiet"]) == 0
    text = f"the checkpoint {file} is damaged or not a checkpoint: use another one"
    assert capsys.readouterr() == ("run/report.html\n", f"warning: {text}\n")
    assert f"Warning: {text}." in Path("run/report.html").read_text("utf-8")


@pytest.mark.parametrize("path", [".", "nowhere", "tiny.toml"])
def test_a_path_that_is_not_a_run_is_refused(capsys, path):
    words = f"minigan: {path} is not a run folder: it holds no recipe.toml; "
    assert refused(capsys, ["report", path]).startswith(words)


def test_a_run_without_a_log_is_refused(run, capsys):
    Path("run/log.jsonl").unlink()
    assert "run contains no log.jsonl" in refused(capsys, ["report", run])


@pytest.mark.parametrize(
    ("out", "words"),
    [
        (".", "is a folder: give --out a file"),
        ("run/log.jsonl", "must end in .html"),
        ("nowhere/a.html", "cannot read or write nowhere/a.html"),
        ("", "the path is empty"),
    ],
)
def test_an_out_that_cannot_be_a_report_is_refused(run, capsys, out, words):
    assert words in refused(capsys, ["report", run, "--out", out, "--no-score"])


def test_a_data_dir_without_the_data_is_refused(run, capsys):
    assert "--data-dir" in refused(capsys, ["report", run, "--data-dir", "nowhere"])
