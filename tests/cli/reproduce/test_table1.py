"""`minigan reproduce table1`: runs and their table, or the whole Table 1."""

from __future__ import annotations

from pathlib import Path

from refused import refused

from minigan import cli
from minigan.reports.table1 import whole

MEASURED = ["--set", "log.monitor=parzen", "--quiet"]


def test_table1_trains_writes_records_and_prints_their_table(capsys, tmp_path):
    command = ["reproduce", "table1", "--recipe", "tiny.toml", "--seeds", "2,1", "--out", "t"]
    assert cli.main([*command, *MEASURED]) == 0
    out = capsys.readouterr().out
    assert out.startswith("| no. | settings that differ from the published configuration |")
    assert "**mean ± deviation of 2**" in out
    assert (tmp_path / "t/tiny-seed-2.json").exists()


def test_the_whole_table1_is_printed_and_what_it_cannot_have_is_refused(capsys, monkeypatch):
    asked = []

    def made(*arguments):
        asked.append(arguments)
        return "the table", {}

    monkeypatch.setattr(whole, "whole_table1", made)
    command = ["reproduce", "table1", "--all", "--recipe", "digits", "--quiet"]
    assert cli.main(command) == 0
    assert cli.main([*command, "--seeds", "2,3", "--out", "t", "--jobs", "2"]) == 0
    assert capsys.readouterr().out == "the table\n" * 2
    assert asked == [
        ("digits", [1], Path("runs/table1-all"), None, None, True, 1),
        ("digits", [2, 3], Path("t"), None, None, True, 2),
    ]
    for more, sentence in (
        (["--set", "training.m=9"], "--set changes one recipe, and --all has four: leave it out"),
        (["--sweep", "training.m", "9"], "--sweep changes one recipe, and --all has four: leave"),
    ):
        assert sentence in refused(capsys, [*command, *more])
    monkeypatch.setattr(whole, "whole_table1", lambda *where: (None, {"mnist-seed-1": "disk full"}))
    assert "1 of the runs have failed: mnist-seed-1: disk full" in refused(capsys, command)
